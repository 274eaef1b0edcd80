import type { INodeProperties } from "n8n-workflow";

/** What a list of ids is called, and where its entries come from. */
interface Locator {
  readonly displayName: string;
  readonly name: string;
  readonly searchListMethod: string;
  readonly prefix: string;
  readonly description: string;
  readonly isRequired?: boolean;
}

/** A field that names one thing: chosen from a list that the API fills, or by its id. */
export function locator(field: Locator, show: Readonly<Record<string, string[]>>): INodeProperties {
  return {
    displayName: field.displayName,
    name: field.name,
    type: "resourceLocator",
    default: { mode: "list", value: "" },
    required: field.isRequired ?? true,
    description: field.description,
    displayOptions: { show: { ...show } },
    modes: [
      {
        displayName: "From List",
        name: "list",
        type: "list",
        typeOptions: { searchListMethod: field.searchListMethod, searchable: true },
      },
      {
        displayName: "By ID",
        name: "id",
        type: "string",
        placeholder: `${field.prefix}_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55`,
      },
    ],
  };
}

export const PROJECT = {
  displayName: "Project",
  name: "projectId",
  searchListMethod: "searchProjects",
  prefix: "prj",
  description: "The project that the content and the accounts belong to",
} as const;

export const CONTENT = {
  displayName: "Content",
  name: "containerId",
  searchListMethod: "searchContent",
  prefix: "cnt",
  description: "The text, video, picture or slideshow, as Content > Upload returns it",
} as const;

/** "Return All" and "Limit" of an operation that lists. */
export function paging(resource: string): INodeProperties[] {
  const show = { resource: [resource], operation: ["getAll"] };
  return [
    {
      displayName: "Return All",
      name: "returnAll",
      type: "boolean",
      default: false,
      description: "Whether to return all results or only up to a given limit",
      displayOptions: { show },
    },
    {
      displayName: "Limit",
      name: "limit",
      type: "number",
      typeOptions: { minValue: 1 },
      default: 50,
      description: "Max number of results to return",
      displayOptions: { show: { ...show, returnAll: [false] } },
    },
  ];
}

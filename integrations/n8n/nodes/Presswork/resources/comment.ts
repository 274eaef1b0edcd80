import type { INodeProperties } from "n8n-workflow";
import { PLATFORM_OPTIONS } from "../platforms";
import { PROJECT, locator, paging } from "./fields";

/** Comments on live posts: reading them, answering and hiding them. */
export const COMMENT: INodeProperties[] = [
  {
    displayName: "Operation",
    name: "operation",
    type: "options",
    noDataExpression: true,
    default: "getAll",
    displayOptions: { show: { resource: ["comment"] } },
    options: [
      { name: "Get", value: "get", action: "Get a comment", description: "Read a comment, or what became of a reply" },
      { name: "Get Many", value: "getAll", action: "Get many comments", description: "List comments on live posts" },
      { name: "Hide", value: "hide", action: "Hide a comment", description: "Hide a comment from others" },
      { name: "Reply", value: "reply", action: "Reply to a comment", description: "Answer a comment as the account, once" },
    ],
  },
  locator(
    {
      displayName: "Comment",
      name: "commentId",
      searchListMethod: "searchComments",
      prefix: "cmt",
      description: "The comment, as the trigger or Comment > Get Many returns it",
    },
    { resource: ["comment"], operation: ["get", "hide", "reply"] },
  ),
  {
    displayName: "Text",
    name: "replyText",
    type: "string",
    typeOptions: { rows: 3 },
    default: "",
    required: true,
    description: "What the account answers, in public",
    displayOptions: { show: { resource: ["comment"], operation: ["reply"] } },
  },
  locator(
    { ...PROJECT, description: "Only comments of this project; leave it empty for all", isRequired: false },
    { resource: ["comment"], operation: ["getAll"] },
  ),
  ...paging("comment"),
  {
    displayName: "Filters",
    name: "filters",
    type: "collection",
    placeholder: "Add Filter",
    default: {},
    displayOptions: { show: { resource: ["comment"], operation: ["getAll"] } },
    options: [
      {
        displayName: "Own",
        name: "own",
        type: "boolean",
        default: false,
        description: "Whether to list comments of the accounts themselves instead of those of others",
      },
      {
        displayName: "Platform",
        name: "platform",
        type: "multiOptions",
        default: [],
        description: "Only comments on these platforms",
        options: PLATFORM_OPTIONS,
      },
      {
        displayName: "Since",
        name: "since",
        type: "dateTime",
        default: "",
        description: "Only comments that were written since then",
      },
      {
        displayName: "Status",
        name: "status",
        type: "multiOptions",
        default: ["new"],
        options: [
          { name: "Done", value: "done" },
          { name: "New", value: "new" },
          { name: "Open", value: "open" },
        ],
      },
    ],
  },
];

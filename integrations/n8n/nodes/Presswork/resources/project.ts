import type { INodeProperties } from "n8n-workflow";
import { paging } from "./fields";

/** The projects that the key sees. */
export const PROJECTS: INodeProperties[] = [
  {
    displayName: "Operation",
    name: "operation",
    type: "options",
    noDataExpression: true,
    default: "getAll",
    displayOptions: { show: { resource: ["project"] } },
    options: [{ name: "Get Many", value: "getAll", action: "Get many projects", description: "List projects" }],
  },
  ...paging("project"),
];

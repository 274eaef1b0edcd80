import type { INodeProperties } from "n8n-workflow";
import { PLATFORM_OPTIONS } from "../platforms";
import { PROJECT, locator, paging } from "./fields";

/** The social accounts that are connected to projects. */
export const ACCOUNT: INodeProperties[] = [
  {
    displayName: "Operation",
    name: "operation",
    type: "options",
    noDataExpression: true,
    default: "getAll",
    displayOptions: { show: { resource: ["account"] } },
    options: [
      { name: "Get", value: "get", action: "Get an account", description: "Read an account and its readiness" },
      { name: "Get Many", value: "getAll", action: "Get many accounts", description: "List accounts and their readiness" },
      {
        name: "Get Playlists",
        value: "getPlaylists",
        action: "Get the playlists of an account",
        description: "List the playlists of a YouTube account, for the targets of a post",
      },
    ],
  },
  locator(
    {
      displayName: "Account",
      name: "accountId",
      searchListMethod: "searchAccounts",
      prefix: "sa",
      description: "The social account",
    },
    { resource: ["account"], operation: ["get", "getPlaylists"] },
  ),
  locator(
    { ...PROJECT, description: "Only accounts of this project; leave it empty for all", isRequired: false },
    { resource: ["account"], operation: ["getAll"] },
  ),
  ...paging("account"),
  {
    displayName: "Filters",
    name: "filters",
    type: "collection",
    placeholder: "Add Filter",
    default: {},
    displayOptions: { show: { resource: ["account"], operation: ["getAll"] } },
    options: [
      {
        displayName: "Platform",
        name: "platform",
        type: "multiOptions",
        default: [],
        description: "Only accounts of these platforms",
        options: PLATFORM_OPTIONS,
      },
      {
        displayName: "Search",
        name: "q",
        type: "string",
        default: "",
        description: "Text in the handle or the display name",
      },
      {
        displayName: "Status",
        name: "status",
        type: "multiOptions",
        default: ["connected"],
        options: [
          { name: "Connected", value: "connected" },
          { name: "Disconnected", value: "disconnected" },
          { name: "Needs Login", value: "reauth_required" },
        ],
      },
    ],
  },
];

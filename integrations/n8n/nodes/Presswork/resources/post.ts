import type { INodeProperties } from "n8n-workflow";
import { CONTENT, PROJECT, locator, paging } from "./fields";

const SEND = { resource: ["post"], operation: ["publish", "schedule"] };

const TIMEOUT: INodeProperties = {
  displayName: "Time-Out",
  name: "timeoutSeconds",
  type: "number",
  typeOptions: { minValue: 0 },
  default: 300,
  description: "How many seconds to wait for all posts together",
};

const ON_TIMEOUT: INodeProperties = {
  displayName: "On Time-Out",
  name: "onTimeout",
  type: "options",
  default: "error",
  options: [
    { name: "Fail", value: "error", description: "The node fails; Presswork continues with the posts" },
    { name: "Return the Posts", value: "return", description: "The posts are returned as they are" },
  ],
};

/** Posts: publishing, scheduling, waiting for them, canceling and reading them. */
export const POST: INodeProperties[] = [
  {
    displayName: "Operation",
    name: "operation",
    type: "options",
    noDataExpression: true,
    default: "publish",
    displayOptions: { show: { resource: ["post"] } },
    options: [
      { name: "Cancel", value: "cancel", action: "Cancel a post", description: "Cancel a post that cannot be live yet" },
      { name: "Get", value: "get", action: "Get a post", description: "Read a post: its status, address or error" },
      { name: "Get Many", value: "getAll", action: "Get many posts", description: "List posts" },
      { name: "Publish", value: "publish", action: "Publish content", description: "Publish content to accounts now" },
      { name: "Schedule", value: "schedule", action: "Schedule content", description: "Publish content at a given time" },
      { name: "Wait", value: "wait", action: "Wait for posts", description: "Wait until posts are over" },
    ],
  },
  locator(CONTENT, SEND),
  {
    displayName: "Publish At",
    name: "scheduledFor",
    type: "dateTime",
    default: "",
    required: true,
    description: "A time without an offset from UTC is in the time zone of the workflow",
    displayOptions: { show: { resource: ["post"], operation: ["schedule"] } },
  },
  {
    displayName: "Targets From",
    name: "targetsFrom",
    type: "options",
    default: "accounts",
    displayOptions: { show: SEND },
    options: [
      { name: "Accounts", value: "accounts", description: "The same for each account" },
      { name: "JSON", value: "json", description: "With texts and settings for each account" },
    ],
  },
  {
    displayName: "Mode",
    name: "mode",
    type: "options",
    default: "publish",
    displayOptions: { show: { ...SEND, targetsFrom: ["accounts"] } },
    options: [
      { name: "Draft", value: "draft", description: "The creator finishes it in the app or on the phone" },
      { name: "Managed", value: "managed", description: "The provider of the account's layer publishes it" },
      { name: "Publish", value: "publish", description: "It goes live without further steps" },
    ],
  },
  {
    displayName: "Account Names or IDs",
    name: "socialAccountIds",
    type: "multiOptions",
    typeOptions: { loadOptionsMethod: "getAccounts", loadOptionsDependsOn: ["containerId.value", "mode"] },
    default: [],
    required: true,
    description:
      'Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
    displayOptions: { show: { ...SEND, targetsFrom: ["accounts"] } },
  },
  {
    displayName: "Targets",
    name: "targets",
    type: "json",
    default: '[{"socialAccountId": "sa_…", "mode": "publish", "captionOverride": "Only here"}]',
    required: true,
    description:
      "The targets of the API: 1–50, all or nothing. The options of a platform are in its field, such as youtubePostSettings or threadsPostSettings.",
    displayOptions: { show: { ...SEND, targetsFrom: ["json"] } },
  },
  locator(
    {
      displayName: "Post",
      name: "postId",
      searchListMethod: "searchPosts",
      prefix: "sp",
      description: "The post to one account",
    },
    { resource: ["post"], operation: ["cancel", "get"] },
  ),
  {
    displayName: "Post IDs",
    name: "postIds",
    type: "string",
    default: "={{ $json.scheduledPostIds }}",
    required: true,
    description: "An array of IDs, or IDs separated by commas. Publish and schedule return them as scheduledPostIds.",
    displayOptions: { show: { resource: ["post"], operation: ["wait"] } },
  },
  { ...TIMEOUT, displayOptions: { show: { resource: ["post"], operation: ["wait"] } } },
  { ...ON_TIMEOUT, displayOptions: { show: { resource: ["post"], operation: ["wait"] } } },
  {
    displayName: "Options",
    name: "options",
    type: "collection",
    placeholder: "Add Option",
    default: {},
    displayOptions: { show: { resource: ["post"], operation: ["cancel", "publish", "schedule"] } },
    options: [
      {
        displayName: "Caption",
        name: "captionOverride",
        type: "string",
        typeOptions: { rows: 3 },
        default: "",
        description: "Instead of the caption of the content, for all accounts",
        displayOptions: { show: { "/operation": ["publish", "schedule"], "/targetsFrom": ["accounts"] } },
      },
      {
        displayName: "First Comment",
        name: "firstCommentOverride",
        type: "string",
        default: "",
        description: "Instead of the first comment of the content, for all accounts; empty means no comment",
        displayOptions: { show: { "/operation": ["publish", "schedule"], "/targetsFrom": ["accounts"] } },
      },
      {
        displayName: "Idempotency Key",
        name: "idempotencyKey",
        type: "string",
        default: "",
        description:
          "Two calls with the same key have one effect, also in different executions. By default each item of an execution has its key.",
      },
      { ...ON_TIMEOUT, displayOptions: { show: { "/operation": ["publish"] } } },
      {
        displayName: "Reason",
        name: "reason",
        type: "string",
        default: "",
        description: "Why it is canceled; the timeline of the post shows it",
        displayOptions: { show: { "/operation": ["cancel"] } },
      },
      {
        displayName: "Strict",
        name: "strict",
        type: "boolean",
        default: false,
        description: "Whether to refuse the call if a target is known to fail, instead of returning a warning",
        displayOptions: { show: { "/operation": ["publish", "schedule"] } },
      },
      { ...TIMEOUT, displayOptions: { show: { "/operation": ["publish"] } } },
      {
        displayName: "Wait Until Over",
        name: "waitUntilOver",
        type: "boolean",
        default: false,
        description: "Whether to wait until all posts are published, draft, failed or canceled, and return them",
        displayOptions: { show: { "/operation": ["publish"] } },
      },
    ],
  },
  locator(
    { ...PROJECT, description: "Only posts of this project; leave it empty for all", isRequired: false },
    { resource: ["post"], operation: ["getAll"] },
  ),
  ...paging("post"),
  {
    displayName: "Filters",
    name: "filters",
    type: "collection",
    placeholder: "Add Filter",
    default: {},
    displayOptions: { show: { resource: ["post"], operation: ["getAll"] } },
    options: [
      {
        displayName: "Content ID",
        name: "containerId",
        type: "string",
        default: "",
        description: "Only posts of this content",
      },
      {
        displayName: "From",
        name: "since",
        type: "dateTime",
        default: "",
        description: "Only posts that are due then or later",
      },
      {
        displayName: "Status",
        name: "status",
        type: "multiOptions",
        default: [],
        options: [
          { name: "Canceled", value: "canceled" },
          { name: "Draft", value: "draft" },
          { name: "Failed", value: "failed" },
          { name: "Published", value: "published" },
          { name: "Publishing", value: "publishing" },
          { name: "Queued", value: "queued" },
        ],
      },
      {
        displayName: "Until",
        name: "until",
        type: "dateTime",
        default: "",
        description: "Only posts that are due then or earlier",
      },
    ],
  },
];

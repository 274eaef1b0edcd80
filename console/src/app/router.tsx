import type { QueryClient } from "@tanstack/react-query";
import { createRoute, createRouter, lazyRouteComponent, notFound, redirect } from "@tanstack/react-router";
import type { LoginName } from "presswork-client";
import { sessionQuery } from "../api/session";
import { platformsQuery } from "../platforms/descriptions";
import { type ActionId, actionOf, TO_QUEUE } from "../posts/actions/ids";
import { contentQuery, postQuery } from "../posts/queries";
import { type AccountSearch, accountSearchOf, textOf } from "../screens/accounts/filters";
import type { ApprovalsAddress } from "../screens/approvals/search";
import { calendarSearch } from "../screens/calendar/search";
import type { CommentsSearch } from "../screens/comments/search";
import { composeSearch } from "../screens/compose/search";
import type { LibraryAddress } from "../screens/library/search";
import { queueSearchOf } from "../screens/queue/search";
import type { ResultsAddress } from "../screens/results/search";
import { parseSearch, stringifySearch } from "./addressSearch";
import { lastEnvironment } from "./environment";
import { environmentRoute } from "./environmentRoute";
import { Failed } from "./failures";
import { CalendarPending, HomePending, LibraryPending, PENDING } from "./pending";
import { rootRoute } from "./rootRoute";

/** Whether a value is a path of the console: a link must not lead to another site after sign-in. */
function isOwnPath(value: unknown): value is string {
  return typeof value === "string" && /^\/(?!\/)[\w/?&=%.~-]*$/.test(value);
}

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { next?: string; passwordChanged?: true } => ({
    ...(isOwnPath(search["next"]) && { next: search["next"] }),
    ...(search["passwordChanged"] === true && { passwordChanged: true }),
  }),
  loader: ({ context }) => context.queries.ensureQueryData(sessionQuery),
  component: lazyRouteComponent(() => import("../screens/sign-in/SignIn")),
});

const accept = createRoute({
  getParentRoute: () => rootRoute,
  path: "/accept",
  component: lazyRouteComponent(() => import("../screens/accept/Accept"), "Accept"),
});

const setUp = createRoute({
  getParentRoute: () => rootRoute,
  path: "/set-up",
  component: lazyRouteComponent(() => import("../screens/accept/Accept"), "SetUp"),
});

const start = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/$environment", params: { environment: lastEnvironment() }, replace: true });
  },
});

const home = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/",
  component: lazyRouteComponent(() => import("../screens/home/Home")),
  pendingComponent: HomePending,
  ...PENDING,
});

const queue = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/queue",
  validateSearch: queueSearchOf,
  component: lazyRouteComponent(() => import("../screens/queue/Queue")),
});

const calendar = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/calendar",
  validateSearch: calendarSearch,
  component: lazyRouteComponent(() => import("../screens/calendar/Calendar")),
  pendingComponent: CalendarPending,
  ...PENDING,
});

const POST_EDITS = [true, "post", "live"] as const;
type PostEdit = (typeof POST_EDITS)[number];

const post = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/posts/$postId",
  // `edit: true` is about the content, for every account; "post" about this post, "live" about this post on its network.
  validateSearch: (
    search: Record<string, unknown>,
  ): { act?: ActionId | typeof TO_QUEUE | undefined; edit?: PostEdit; series?: "repeat" | "end"; metric?: string } => {
    const act = search["act"] === TO_QUEUE ? TO_QUEUE : actionOf(search["act"]);
    const edit = POST_EDITS.find((one) => one === search["edit"]);
    const series = (["repeat", "end"] as const).find((one) => one === search["series"]);
    return {
      ...(act !== undefined && { act }),
      ...(edit !== undefined && { edit }),
      ...(series !== undefined && { series }),
      ...textOf(search, "metric"),
    };
  },
  loader: ({ context, params }) => context.queries.ensureQueryData(postQuery(params.environment, params.postId)),
  component: lazyRouteComponent(() => import("../screens/post/Post")),
});

const results = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/results",
  validateSearch: (search: Record<string, unknown>): ResultsAddress => search,
  component: lazyRouteComponent(() => import("../screens/results/Results")),
});

const approvals = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/approvals",
  validateSearch: (search: ApprovalsAddress) => search, // the screen reads it
  component: lazyRouteComponent(() => import("../screens/approvals/Approvals")),
});

const reviewLinks = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/approvals/links",
  validateSearch: (search: Record<string, unknown>): { project?: string; content?: string } => ({
    ...textOf(search, "project"),
    ...textOf(search, "content"),
  }),
  component: lazyRouteComponent(() => import("../screens/approvals/ReviewLinks")),
});

const comments = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/comments",
  validateSearch: (search: CommentsSearch) => search, // the screen reads it, with what it is made of
  component: lazyRouteComponent(() => import("../screens/comments/Comments")),
});

const library = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/library",
  validateSearch: (search: LibraryAddress) => search, // the screen reads it
  component: lazyRouteComponent(() => import("../screens/library/Library")),
  pendingComponent: LibraryPending,
  ...PENDING,
});

const content = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/content/$containerId",
  validateSearch: (
    search: Record<string, unknown>,
  ): { edit?: true; link?: "tiktok" | "review"; remove?: true; takeDown?: true; repeat?: true } => ({
    ...(search["edit"] === true && { edit: true }),
    ...(search["remove"] === true && { remove: true }),
    ...(search["takeDown"] === true && { takeDown: true }),
    ...(search["repeat"] === true && { repeat: true }),
    ...(search["link"] === "tiktok" && { link: "tiktok" }),
    ...(search["link"] === "review" && { link: "review" }),
  }),
  loader: ({ context, params }) =>
    context.queries.ensureQueryData(contentQuery(params.environment, params.containerId)),
  component: lazyRouteComponent(() => import("../screens/library/ContentPage")),
});

const accountsTabs = createRoute({
  getParentRoute: () => environmentRoute,
  id: "accounts-tabs",
  component: lazyRouteComponent(() => import("../screens/accounts/Accounts")),
});

const accounts = createRoute({
  getParentRoute: () => accountsTabs,
  path: "/accounts",
  validateSearch: (search: Record<string, unknown>): AccountSearch => accountSearchOf(search),
  component: lazyRouteComponent(() => import("../screens/accounts/AccountList")),
});

const projects = createRoute({
  getParentRoute: () => accountsTabs,
  path: "/accounts/projects",
  validateSearch: (search: Record<string, unknown>): { status?: "archived" | "active"; open?: "new" | undefined } => ({
    ...(search["status"] === "archived" && { status: "archived" }),
    ...(search["open"] === "new" && { open: "new" }),
  }),
  component: lazyRouteComponent(() => import("../screens/projects/ProjectList")),
});

const layers = createRoute({
  getParentRoute: () => accountsTabs,
  path: "/accounts/layers",
  validateSearch: (search: Record<string, unknown>): { project?: string; layer?: string | undefined } => ({
    ...textOf(search, "project"),
    ...textOf(search, "layer"),
  }),
  component: lazyRouteComponent(() => import("../screens/accounts/Layers")),
});

const connectLinks = createRoute({
  getParentRoute: () => accountsTabs,
  path: "/accounts/links",
  validateSearch: (search: Record<string, unknown>): { project?: string; open?: "new" | undefined } => ({
    ...textOf(search, "project"),
    ...(search["open"] === "new" && { open: "new" }),
  }),
  component: lazyRouteComponent(() => import("../screens/accounts/ConnectLinks")),
});

const platformApps = createRoute({
  getParentRoute: () => accountsTabs,
  path: "/accounts/apps",
  validateSearch: (search: Record<string, unknown>): { open?: "new" | undefined } =>
    search["open"] === "new" ? { open: "new" } : {},
  component: lazyRouteComponent(() => import("../screens/apps/PlatformApps")),
});

const platformApp = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/accounts/apps/$appId",
  validateSearch: ({ open }: Record<string, unknown>): { open?: "rename" | "delete" } =>
    open === "rename" || open === "delete" ? { open } : {},
  component: lazyRouteComponent(() => import("../screens/apps/PlatformAppPage")),
});

const connected = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/accounts/connected",
  validateSearch: (search: Record<string, unknown>): { login?: string; layers_oauth_error?: string } => ({
    ...textOf(search, "login"),
    ...textOf(search, "layers_oauth_error"),
  }),
  component: lazyRouteComponent(() => import("../screens/accounts/Connected")),
});

const account = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/accounts/$accountId",
  validateSearch: (search: Record<string, unknown>): { open?: "again" | "disconnect"; days?: string } => ({
    ...((search["open"] === "again" || search["open"] === "disconnect") && { open: search["open"] }),
    ...textOf(search, "days"),
  }),
  component: lazyRouteComponent(() => import("../screens/accounts/Account")),
});

const project = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/accounts/projects/$projectId",
  validateSearch: ({ open }: Record<string, unknown>): { open?: "archive" | "export" | "erase" } =>
    open === "archive" || open === "export" || open === "erase" ? { open } : {},
  component: lazyRouteComponent(() => import("../screens/projects/Project")),
});

const queues = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/accounts/projects/$projectId/queues",
  // One dialog is open: that of a queue or of a new one, the preview of a reshuffle, or the question before a deletion.
  validateSearch: (search: Record<string, unknown>): { queue?: string; reshuffle?: string; remove?: string } => ({
    ...textOf(search, "queue"),
    ...textOf(search, "reshuffle"),
    ...textOf(search, "remove"),
  }),
  component: lazyRouteComponent(() => import("../screens/planning/Queues")),
});

const recurring = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/accounts/projects/$projectId/recurring",
  validateSearch: (search: Record<string, unknown>): { edit?: string; end?: string } => ({
    ...textOf(search, "edit"),
    ...textOf(search, "end"),
  }),
  component: lazyRouteComponent(() => import("../screens/planning/Recurring")),
});

const texts = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/accounts/projects/$projectId/texts",
  validateSearch: (search: Record<string, unknown>): { snippet?: string } => textOf(search, "snippet"),
  component: lazyRouteComponent(() => import("../screens/planning/Texts")),
});

const compose = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/compose",
  validateSearch: composeSearch,
  loader: ({ context }) => context.queries.ensureQueryData(platformsQuery),
  component: lazyRouteComponent(() => import("../screens/compose/Compose")),
});

const importPosts = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/compose/import",
  validateSearch: (search: Record<string, unknown>): { project?: string; rows?: "open" | undefined } => ({
    ...textOf(search, "project"),
    ...(search["rows"] === "open" && { rows: "open" }),
  }),
  component: lazyRouteComponent(() => import("../screens/import/Import")),
});

interface SandboxSearch {
  readonly account?: string | undefined;
  readonly dialog?: "fault" | "account" | undefined;
}

const developers = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/developers",
  component: lazyRouteComponent(() => import("../screens/developers/Developers")),
});

const developersStart = createRoute({
  getParentRoute: () => developers,
  path: "/",
  beforeLoad: ({ context, params }) => {
    const to = context.session.scopes.includes("org:admin")
      ? "/$environment/developers/keys"
      : "/$environment/developers/webhooks";
    throw redirect({ to, params, replace: true });
  },
});

const keys = createRoute({
  getParentRoute: () => developers,
  path: "/keys",
  validateSearch: (search: Record<string, unknown>): { language?: string; open?: "new" | undefined } => ({
    ...textOf(search, "language"),
    ...(search["open"] === "new" && { open: "new" }),
  }),
  component: lazyRouteComponent(() => import("../screens/developers/Keys")),
});

const webhooks = createRoute({
  getParentRoute: () => developers,
  path: "/webhooks",
  component: lazyRouteComponent(() => import("../screens/developers/Webhooks")),
});

const endpoint = createRoute({
  getParentRoute: () => developers,
  path: "/webhooks/$endpointId",
  validateSearch: (search: Record<string, unknown>): { delivery?: string } =>
    typeof search["delivery"] === "string" ? { delivery: search["delivery"] } : {},
  component: lazyRouteComponent(() => import("../screens/developers/Endpoint")),
});

const audit = createRoute({
  getParentRoute: () => developers,
  path: "/audit",
  component: lazyRouteComponent(() => import("../screens/developers/AuditLog")),
});

const sandbox = createRoute({
  getParentRoute: () => developers,
  path: "/sandbox",
  validateSearch: (search: Record<string, unknown>): SandboxSearch => ({
    ...(typeof search["account"] === "string" && { account: search["account"] }),
    ...((search["dialog"] === "fault" || search["dialog"] === "account") && { dialog: search["dialog"] }),
  }),
  component: lazyRouteComponent(() => import("../screens/developers/sandbox/Sandbox")),
});

const people = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/people",
  validateSearch: (search: Record<string, unknown>): { user?: string; open?: "invite" | undefined } => ({
    ...textOf(search, "user"),
    ...(search["open"] === "invite" && { open: "invite" }),
  }),
  component: lazyRouteComponent(() => import("../screens/people/People")),
});

const provisioning = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/people/provisioning",
  validateSearch: (search: Record<string, unknown>): { open?: "new" | undefined } =>
    search["open"] === "new" ? { open: "new" } : {},
  component: lazyRouteComponent(() => import("../screens/people/Provisioning")),
});

const usage = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/usage",
  validateSearch: (search: Record<string, unknown>): { month?: string } => textOf(search, "month"),
  component: lazyRouteComponent(() => import("../screens/usage/Usage")),
});

const customers = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/customers",
  validateSearch: (search: Record<string, unknown>): { open?: "new" } =>
    search["open"] === "new" ? { open: "new" } : {},
  component: lazyRouteComponent(() => import("../screens/customers/Customers")),
});

const customer = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/customers/$organizationId",
  validateSearch: (search: Record<string, unknown>): { month?: string; open?: "limits" | undefined } => ({
    ...textOf(search, "month"),
    ...(search["open"] === "limits" && { open: "limits" }),
  }),
  component: lazyRouteComponent(() => import("../screens/customers/Customer")),
});

const system = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/system",
  validateSearch: (search: Record<string, unknown>): { open?: "address" | undefined } =>
    search["open"] === "address" ? { open: "address" } : {},
  component: lazyRouteComponent(() => import("../screens/system/System")),
});

const platform = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/system/platforms/$platform",
  params: { parse: ({ platform }) => ({ platform: platform as LoginName }) },
  loader: async ({ context, params }) => {
    const { isLogin } = await import("../platforms/loginNames");
    if (!isLogin(params.platform)) throw notFound();
    await context.queries.ensureQueryData(platformsQuery);
  },
  component: lazyRouteComponent(() => import("../screens/system/PlatformWizard")),
});

const notifications = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/notifications",
  validateSearch: (search: Record<string, unknown>): { unread?: true } =>
    search["unread"] === true ? { unread: true } : {},
  component: lazyRouteComponent(() => import("../screens/notifications/Notifications")),
});

const you = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/you",
  component: lazyRouteComponent(() => import("../screens/you/You")),
});

const routeTree = rootRoute.addChildren([
  signIn,
  accept,
  setUp,
  start,
  environmentRoute.addChildren([
    home,
    queue,
    calendar,
    post,
    results,
    approvals,
    reviewLinks,
    comments,
    library,
    content,
    accountsTabs.addChildren([accounts, projects, layers, connectLinks, platformApps]),
    connected,
    platformApp,
    account,
    project,
    queues,
    recurring,
    texts,
    developers.addChildren([developersStart, keys, webhooks, endpoint, audit, sandbox]),
    compose,
    importPosts,
    people,
    provisioning,
    usage,
    customers,
    customer,
    system,
    platform,
    notifications,
    you,
  ]),
]);

/** Returns the router of the page. */
export function routerOf(queries: QueryClient) {
  return createRouter({
    routeTree,
    basepath: "/console",
    parseSearch,
    stringifySearch,
    context: { queries },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0, // TanStack Query decides what is fresh
    defaultErrorComponent: Failed,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof routerOf>;
  }
}

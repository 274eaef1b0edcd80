import type { QueryClient } from "@tanstack/react-query";
import { createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { sessionQuery } from "../api/session";
import { postQuery } from "../posts/queries";
import { composeSearch } from "../screens/compose/search";
import { type ViewId, viewOf } from "../screens/queue/views";
import { lastEnvironment } from "./environment";
import { environmentRoute } from "./environmentRoute";
import { Failed } from "./failures";
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

const environmentStart = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/$environment/queue", params, replace: true });
  },
});

const queue = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/queue",
  validateSearch: (search: Record<string, unknown>): { view?: ViewId | undefined; q?: string | undefined } => ({
    view: viewOf(search["view"]).id,
    ...(typeof search["q"] === "string" && search["q"] !== "" && { q: search["q"] }),
  }),
  component: lazyRouteComponent(() => import("../screens/queue/Queue")),
});

const post = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/posts/$postId",
  loader: ({ context, params }) => context.queries.ensureQueryData(postQuery(params.environment, params.postId)),
  component: lazyRouteComponent(() => import("../screens/post/Post")),
});

const compose = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/compose",
  validateSearch: composeSearch,
  component: lazyRouteComponent(() => import("../screens/compose/Compose")),
});

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

const people = createRoute({
  getParentRoute: () => environmentRoute,
  path: "/people",
  validateSearch: (search: Record<string, unknown>): { user?: string } =>
    typeof search["user"] === "string" ? { user: search["user"] } : {},
  component: lazyRouteComponent(() => import("../screens/people/People")),
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
    environmentStart,
    queue,
    post,
    compose,
    developers.addChildren([developersStart, keys, webhooks, endpoint, audit]),
    people,
    you,
  ]),
]);

/** Returns the router of the page. */
export function routerOf(queries: QueryClient) {
  return createRouter({
    routeTree,
    basepath: "/console",
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

import { createRoute, notFound, redirect } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import { sessionQuery, signedIn } from "../api/session";
import { rememberEnvironment } from "./environment";
import { rootRoute } from "./rootRoute";
import { Shell } from "./Shell";

/** All screens behind the sign-in, in one environment. */
export const environmentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/$environment",
  params: {
    parse: ({ environment }): { environment: Environment } => {
      if (environment !== "test" && environment !== "live") throw notFound();
      return { environment };
    },
  },
  beforeLoad: async ({ context, location, params }) => {
    const session = signedIn(await context.queries.ensureQueryData(sessionQuery));
    if (session === null) throw redirect({ to: "/sign-in", search: { next: location.href } });
    rememberEnvironment(params.environment);
    return { session };
  },
  component: function EnvironmentShell() {
    const { environment } = environmentRoute.useParams();
    const { session } = environmentRoute.useRouteContext();
    return <Shell environment={environment} session={session} />;
  },
});

import { type QueryClient, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type CurrentSession, UnauthenticatedError, type User } from "presswork-client";
import { toastError } from "../ui/toasts";
import { clientOf } from "./client";
import { messageOf } from "./errors";
import { endPushSubscription } from "./serviceWorker";

/** The person who is signed in. */
export interface SignedIn {
  readonly user: User;
  readonly organizationName: string;
  /** What the role includes. */
  readonly scopes: readonly string[];
  /** Whether they administer the installation, and not an organization alone. */
  readonly isInstallationAdmin: boolean;
}

/** The session of this browser; without one, its user is null. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => clientOf("test").auth.getSession(),
  staleTime: 60_000,
});

/** Returns who is signed in, or null. */
export function signedIn({ user, organization, scopes }: CurrentSession): SignedIn | null {
  if (!user || !organization || !scopes) return null;
  const isInstallationAdmin = organization.isFirst && scopes.includes("org:admin");
  return { user, organizationName: organization.name, scopes, isInstallationAdmin };
}

/**
 * Leads to the sign-in page if a call failed because the session has ended. The page is loaded again, at the address
 * that the sign-in leads back to: all that was read is forgotten, and what the tab stores stays.
 */
export async function leaveEndedSession(queries: QueryClient, error: unknown): Promise<void> {
  if (!(error instanceof UnauthenticatedError)) return;
  const before = queries.getQueryData(sessionQuery.queryKey);
  if (before === undefined || signedIn(before) === null) return;
  const now = await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
  if (signedIn(now) === null) location.reload();
}

/** Ends the session, and opens the sign-in page. All that was read is forgotten with the page. */
export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      // The next person at this browser gets no messages of this one.
      await endPushSubscription();
      return clientOf("test").auth.signOut();
    },
    onSuccess: () => {
      queries.clear();
      location.assign("/console/sign-in");
    },
    onError: (error) => toastError(`The sign-out failed. ${messageOf(error)}`),
  });
}

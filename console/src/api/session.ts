import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { CurrentSession, User } from "presswork-client";
import { clientOf } from "./client";

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

/** Ends the session, and opens the sign-in page. All that was read is forgotten with the page. */
export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => clientOf("test").auth.signOut(),
    onSuccess: () => {
      queries.clear();
      location.assign("/console/sign-in");
    },
  });
}

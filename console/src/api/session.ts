import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Session } from "presswork-client";
import { clientOf } from "./client";

/** A session with a user. */
export type SignedIn = Session & { readonly user: NonNullable<Session["user"]> };

/** The session of this browser; without one, its user is null. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => clientOf("test").auth.getSession(),
  staleTime: 60_000,
});

/** Whether somebody is signed in. */
export function isSignedIn(session: Session): session is SignedIn {
  return session.user !== null;
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

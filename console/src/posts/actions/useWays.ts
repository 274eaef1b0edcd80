import { useQuery } from "@tanstack/react-query";
import type { Environment, ScheduledPost } from "presswork-client";
import { accountsQuery } from "../accounts";
import { accountQuery } from "../queries";
import { type Way, wayOf } from "./takeDown";

/** Returns who can take each post down; undefined before that is known, or if the account can't be read. */
export function useWays(environment: Environment, posts: readonly ScheduledPost[], enabled: boolean) {
  const single = posts.length === 1 ? posts[0] : undefined;
  const isOne = single !== undefined;
  const one = useQuery({ ...accountQuery(environment, single?.socialAccountId ?? ""), enabled: enabled && isOne });
  const all = useQuery({ ...accountsQuery(environment), enabled: enabled && !isOne });
  const accounts = new Map((one.data ? [one.data] : (all.data ?? [])).map((each) => [each.socialAccountId, each]));
  return {
    isPending: isOne ? one.isLoading : all.isLoading,
    wayOf: (post: Pick<ScheduledPost, "mode" | "socialAccountId">): Way | undefined => {
      const account = accounts.get(post.socialAccountId);
      return account && wayOf(post, account);
    },
  };
}

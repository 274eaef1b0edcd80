import { useQueries } from "@tanstack/react-query";
import type { Environment, ScheduledPost } from "presswork-client";
import { postQuery } from "./queries";

interface FoundPosts {
  readonly posts: readonly ScheduledPost[];
  readonly isPending: boolean;
}

/**
 * Returns posts by id, in this order: those of a list, the others from the API. Those that do not exist are left out.
 * `former` has posts as they were, which are shown while they are read.
 */
export function usePostsById(
  environment: Environment,
  ids: readonly string[],
  rows: readonly ScheduledPost[],
  former: readonly ScheduledPost[],
): FoundPosts {
  const known = new Map(former.map((post) => [post.id, post]));
  for (const post of rows) known.set(post.id, post);
  const listed = new Set(rows.map(({ id }) => id));
  const missing = ids.filter((id) => !listed.has(id));
  const read = useQueries({ queries: missing.map((id) => postQuery(environment, id)) });
  for (const { data } of read) if (data !== undefined) known.set(data.id, data);
  return {
    posts: ids.flatMap((id) => known.get(id) ?? []),
    isPending: missing.some((id, position) => read[position]?.isPending && !known.has(id)),
  };
}

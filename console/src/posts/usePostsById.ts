import { useQueries } from "@tanstack/react-query";
import type { Environment, ScheduledPost } from "presswork-client";
import { postQuery } from "./queries";

interface FoundPosts {
  readonly posts: readonly ScheduledPost[];
  readonly isPending: boolean;
}

/** Returns posts by id, in this order: those of a list, the others from the API. Those that do not exist are left out. */
export function usePostsById(
  environment: Environment,
  ids: readonly string[],
  rows: readonly ScheduledPost[],
): FoundPosts {
  const known = new Map(rows.map((post) => [post.id, post]));
  const missing = ids.filter((id) => !known.has(id));
  const read = useQueries({ queries: missing.map((id) => postQuery(environment, id)) });
  for (const { data } of read) if (data !== undefined) known.set(data.id, data);
  return {
    posts: ids.flatMap((id) => known.get(id) ?? []),
    isPending: read.some((query) => query.isPending),
  };
}

import { useQueries } from "@tanstack/react-query";
import type { Environment, FoundPost, ScheduledPost } from "presswork-client";
import { useMemo } from "react";
import type { Row } from "../../posts/groups";
import { postQuery } from "../../posts/queries";

/** After an action on very many posts, it is enough to read some of them. */
const MAX_READ = 50;

/** Returns rows in which the posts that the list no longer has show what became of them. */
export function useLaterPosts(
  environment: Environment,
  rows: readonly Row[],
  gone: ReadonlySet<string>,
): readonly Row[] {
  const read = useQueries({
    queries: [...gone].slice(0, MAX_READ).map((id) => postQuery(environment, id)),
    combine: postsOf,
  });
  return useMemo(() => {
    if (gone.size === 0) return rows;
    const later = new Map(read.map((post) => [post.id, post]));
    const update = (post: FoundPost) => (gone.has(post.id) ? { ...post, ...later.get(post.id), waiting: null } : post);
    return rows.map((row) => ({ ...row, posts: row.posts.map(update) }));
  }, [rows, gone, read]);
}

function postsOf(read: readonly { readonly data: ScheduledPost | undefined }[]): readonly ScheduledPost[] {
  return read.flatMap(({ data }) => data ?? []);
}

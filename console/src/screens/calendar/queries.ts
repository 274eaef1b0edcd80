import { queryOptions } from "@tanstack/react-query";
import type { Environment, FoundPost, FoundPostPage, Page } from "presswork-client";
import { clientOf } from "../../api/client";
import type { Span } from "./dates";
import { STATUSES } from "./posts";

/** Whose posts the calendar shows. */
export interface Whose {
  readonly projectId: string | undefined;
  readonly socialAccountId: string | undefined;
}

/** The numbers of all days that are shown: one request. */
export function summaryQuery(environment: Environment, span: Span, zone: string, projectId: string | undefined) {
  return queryOptions({
    queryKey: [environment, "posts", "summary", span, zone, projectId],
    queryFn: () =>
      clientOf(environment).publishing.summarizePosts({ ...span, timezone: zone, ...(projectId && { projectId }) }),
  });
}

/** The first posts of a span, oldest first. */
export function postsQuery(environment: Environment, span: Span, whose: Whose, limit: number) {
  return queryOptions({
    queryKey: [...rowsKey(environment, span), whose, limit],
    queryFn: () => firstPage(environment, span, whose, limit),
    staleTime: Number.POSITIVE_INFINITY, // while it is shown, events say what changed
    refetchOnMount: "always" as const,
    gcTime: 60_000,
  });
}

/** Starts a list of the posts of a span. */
export function listPosts(environment: Environment, span: Span, whose: Whose, limit: number) {
  return clientOf(environment).publishing.searchPosts({ ...span, ...whose, status: STATUSES, order: "asc", limit });
}

/** The start of the keys of queries that hold the posts of a span. */
export function rowsKey(environment: Environment, span: Span) {
  return [environment, "calendar", span] as const;
}

async function firstPage(
  environment: Environment,
  span: Span,
  whose: Whose,
  limit: number,
): Promise<{ readonly posts: readonly FoundPost[]; readonly hasMore: boolean }> {
  const page: Page<FoundPost, FoundPostPage> = await listPosts(environment, span, whose, limit);
  return { posts: page.items, hasMore: page.hasNextPage };
}

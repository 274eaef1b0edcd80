import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import type { Environment, FoundPost, Page, PostGroup, PostGroupPage, StreamEvent } from "presswork-client";
import { useCallback } from "react";
import { type LiveState, readAgain, useLiveUpdates } from "../../api/useLiveUpdates";
import type { Row } from "../../posts/groups";
import type { Span } from "./dates";

type Rows = { readonly rows: readonly Row[] } | InfiniteData<Page<PostGroup, PostGroupPage>, unknown> | undefined;

/** Reads the rows of those spans again that a condition holds for. Their posts are undefined while they are first read. */
export function refreshRows(
  queries: QueryClient,
  environment: Environment,
  isStale: (span: Span, posts: readonly FoundPost[] | undefined) => boolean,
): Promise<void> {
  return readAgain(queries, {
    queryKey: [environment, "calendar"],
    predicate: ({ queryKey, state }) => isStale(queryKey[2] as Span, postsOf(state.data as Rows)),
  });
}

/** Reads again what events may have changed, and nothing else: the posts of a busy month are many requests. */
export function refreshAfter(queries: QueryClient, environment: Environment, events: readonly StreamEvent[]): void {
  void refreshRows(queries, environment, (span, posts) => events.some((event) => concerns(event, span, posts)));
}

function concerns(event: StreamEvent, span: Span, posts: readonly FoundPost[] | undefined): boolean {
  const has = (isIt: (post: FoundPost) => boolean) => posts === undefined || posts.some(isIt);
  switch (event.type) {
    case "post.scheduled":
    case "post.publishing":
    case "post.published":
    case "post.partial":
    case "post.drafted":
    case "post.failed":
    case "post.canceled":
    case "post.taken_down":
    case "post.take_down_failed":
    case "post.edited": {
      const { id, scheduledFor } = event.data;
      return (span.since <= scheduledFor && scheduledFor <= span.until) || has((post) => post.id === id);
    }
    case "content.pending":
    case "content.changes_requested":
    case "content.approved":
    case "content.rejected":
      return has(({ containerId }) => containerId === event.data.id);
    case "stream.reset":
      return true;
    default:
      return false;
  }
}

function postsOf(rows: Rows): readonly FoundPost[] | undefined {
  if (rows === undefined) return undefined;
  const groups = "rows" in rows ? rows.rows : rows.pages.flatMap((page) => page.items);
  return groups.flatMap(({ posts }) => posts);
}

/** Follows the events of an environment: the numbers are read again by what follows them all, the posts here. */
export function useCalendarEvents(environment: Environment): LiveState {
  const queries = useQueryClient();
  const refresh = useCallback(
    (events: readonly StreamEvent[]) => refreshAfter(queries, environment, events),
    [queries, environment],
  );
  return useLiveUpdates(environment, refresh);
}

/** Returns the posts that are shown. */
export function shownPosts(queries: QueryClient, environment: Environment): readonly FoundPost[] {
  return queries
    .getQueriesData<Rows>({ queryKey: [environment, "calendar"] })
    .flatMap(([, rows]) => postsOf(rows) ?? []);
}

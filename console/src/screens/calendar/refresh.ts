import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import type { Environment, FoundPost, FoundPostPage, Page, StreamEvent } from "presswork-client";
import { useCallback } from "react";
import { type LiveState, readAgain, useLiveUpdates } from "../../api/useLiveUpdates";
import type { Span } from "./dates";

type Rows =
  | { readonly posts: readonly FoundPost[] }
  | InfiniteData<Page<FoundPost, FoundPostPage>, unknown>
  | undefined;

/** Reads the posts of those spans again that a condition holds for. Rows are undefined while they are first read. */
export function refreshRows(
  queries: QueryClient,
  environment: Environment,
  isStale: (span: Span, rows: readonly FoundPost[] | undefined) => boolean,
): Promise<void> {
  return readAgain(queries, {
    queryKey: [environment, "calendar"],
    predicate: ({ queryKey, state }) => isStale(queryKey[2] as Span, rowsOf(state.data as Rows)),
  });
}

/** Reads again what events may have changed, and nothing else: the posts of a busy month are many requests. */
export function refreshAfter(queries: QueryClient, environment: Environment, events: readonly StreamEvent[]): void {
  void refreshRows(queries, environment, (span, rows) => events.some((event) => concerns(event, span, rows)));
}

function concerns(event: StreamEvent, span: Span, rows: readonly FoundPost[] | undefined): boolean {
  const has = (isIt: (post: FoundPost) => boolean) => rows === undefined || rows.some(isIt);
  switch (event.type) {
    case "post.scheduled":
    case "post.publishing":
    case "post.published":
    case "post.partial":
    case "post.drafted":
    case "post.failed":
    case "post.canceled": {
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

function rowsOf(rows: Rows): readonly FoundPost[] | undefined {
  if (rows === undefined) return undefined;
  return "posts" in rows ? rows.posts : rows.pages.flatMap((page) => page.items);
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

/** Returns a post as a list showed it, if one did. */
export function shownPost(queries: QueryClient, environment: Environment, postId: string): FoundPost | undefined {
  return queries
    .getQueriesData<Rows>({ queryKey: [environment, "calendar"] })
    .flatMap(([, rows]) => rowsOf(rows) ?? [])
    .find(({ id }) => id === postId);
}

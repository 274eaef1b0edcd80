import { queryOptions } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { clientOf } from "../../api/client";
import { pageWithRows } from "../../api/usePages";
import { STATUSES } from "../../posts/dayCounts";
import { type Row, rowOf } from "../../posts/groups";
import type { Span } from "./dates";

/** Whose posts the calendar shows. */
export interface Whose {
  readonly projectId: string | undefined;
  readonly socialAccountId: string | undefined;
  readonly label: readonly string[] | undefined;
}

/** The first rows of a span, in order. */
export function rowsQuery(environment: Environment, span: Span, whose: Whose, limit: number) {
  return queryOptions({
    queryKey: [...rowsKey(environment, span), whose, limit],
    queryFn: () => firstPage(environment, span, whose, limit),
    staleTime: Number.POSITIVE_INFINITY, // while it is shown, events say what changed
    refetchOnMount: "always" as const,
    gcTime: 60_000,
  });
}

/** Starts a list of the posts of a span, by content and time. */
export function listGroups(environment: Environment, span: Span, whose: Whose, limit: number) {
  return clientOf(environment).publishing.searchGroups({ ...span, ...whose, status: STATUSES, order: "asc", limit });
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
): Promise<{ readonly rows: readonly Row[]; readonly hasMore: boolean }> {
  const page = await pageWithRows(await listGroups(environment, span, whose, limit));
  return { rows: page.items.map(rowOf), hasMore: page.hasNextPage };
}

import { queryOptions } from "@tanstack/react-query";
import {
  APIStatusError,
  type Environment,
  type InsightsGroup,
  type InsightsGroups,
  type Pages,
  type Reading,
} from "presswork-client";
import { clientOf } from "../api/client";
import type { MetricName } from "./metrics";
import type { Span } from "./ranges";

const STALE_MS = 60_000;
const READING_MS = 3_000;
const PAGE = 200;

/** Which posts are meant: those that went live in a time. */
export interface ResultsOf {
  readonly projectId?: string | undefined;
  /** Any of these labels. */
  readonly label?: readonly string[] | undefined;
  readonly timezone: string;
  readonly since: string;
  readonly until: string;
}

/** The start of the keys of all queries of results. */
export function resultsKey(environment: Environment) {
  return [environment, "results"] as const;
}

/** The numbers of a time by day. */
export function daysQuery(environment: Environment, { projectId, label, timezone, since, until }: ResultsOf) {
  const of = { projectId, label, timezone, since, until, groupBy: "day", limit: PAGE } as const;
  return queryOptions({
    queryKey: [...resultsKey(environment), "days", of],
    queryFn: async () => {
      const days: InsightsGroup[] = [];
      for await (const day of clientOf(environment).results.summarize(of)) days.push(day);
      return days;
    },
    staleTime: STALE_MS,
  });
}

/** Starts a list of groups, those with the highest numbers first. */
export function listGroups(
  environment: Environment,
  of: ResultsOf & {
    readonly groupBy: "account" | "platform" | "label" | "post";
    readonly metric: MetricName;
    readonly limit: number;
  },
): Pages<InsightsGroup, InsightsGroups> {
  const { metric, ...query } = of;
  return clientOf(environment).results.summarize({ ...query, order: `-${metric}` });
}

/** The posts with the highest numbers. */
export function bestQuery(
  environment: Environment,
  of: ResultsOf & { readonly metric: MetricName; readonly limit: number },
) {
  return queryOptions({
    queryKey: [...resultsKey(environment), "best", of],
    queryFn: async () => (await listGroups(environment, { ...of, groupBy: "post" })).items,
    staleTime: STALE_MS,
  });
}

/** The numbers of the posts of one piece of content. */
export function ofContentQuery(environment: Environment, containerId: string) {
  return queryOptions({
    queryKey: [...resultsKey(environment), "content", containerId],
    queryFn: async () =>
      (await clientOf(environment).results.summarize({ containerId, groupBy: "post", limit: PAGE })).items,
    staleTime: STALE_MS,
  });
}

/** The last numbers of a post. While a worker reads them, because a person asked, they are read again and again. */
export function postNumbersQuery(environment: Environment, postId: string, askedAt: string | null) {
  return queryOptions({
    queryKey: [...resultsKey(environment), "post", postId],
    queryFn: () => clientOf(environment).results.getPost({ postId }),
    refetchInterval: ({ state }) =>
      askedAt !== null && askedAt === (state.data?.takenAt ?? "never") ? READING_MS : STALE_MS,
  });
}

/** All readings of a post, the oldest first. */
export function historyQuery(environment: Environment, postId: string, takenAt: string | null) {
  return queryOptions({
    queryKey: [...resultsKey(environment), "post", postId, "history", takenAt],
    queryFn: async () => {
      const readings: Reading[] = [];
      for await (const one of clientOf(environment).results.listHistory({ postId, limit: PAGE })) readings.push(one);
      return readings;
    },
    placeholderData: (before) => before,
  });
}

/** Has the numbers of a post read again, soon. */
export async function refreshNumbers(environment: Environment, postId: string): Promise<void> {
  await clientOf(environment).results.refreshPost({ postId }, { maxRetries: 0 });
}

/** Returns how long a person has to wait who asked too early, in seconds; null for another error. */
export function waitSecondsOf(error: unknown): number | null {
  if (!(error instanceof APIStatusError) || error.statusCode !== 429) return null;
  return Number(error.details["retryAfterSeconds"] ?? 0);
}

/** The numbers of an account by day. */
export function accountDaysQuery(environment: Environment, socialAccountId: string, { days }: Span) {
  const [since, until] = [days[0]?.toString(), days.at(-1)?.toString()];
  return queryOptions({
    queryKey: [...resultsKey(environment), "account", socialAccountId, since, until],
    queryFn: () => clientOf(environment).results.getAccount({ socialAccountId, since, until }),
    staleTime: STALE_MS,
  });
}

/** Returns where the numbers of a time are downloaded as CSV. A link sends no header that names the environment. */
export function resultsExportUrl(environment: Environment, { projectId, label = [], since, until }: ResultsOf): string {
  const query = new URLSearchParams({ format: "csv", environment, since, until });
  if (projectId !== undefined) query.set("projectId", projectId);
  for (const one of label) query.append("label", one);
  return `/v1/insights/export?${query}`;
}

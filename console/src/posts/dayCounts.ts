import { queryOptions } from "@tanstack/react-query";
import type { Environment, Status, StatusCounts } from "presswork-client";
import { clientOf } from "../api/client";

/** What a day is about. A canceled post is not going to happen on any day. */
export const STATUSES = ["queued", "publishing", "published", "draft", "failed"] as const satisfies readonly Status[];

export type Counts = Readonly<Partial<StatusCounts>>;

/** The numbers of all days of a span: one request. */
export function summaryQuery(
  environment: Environment,
  span: { readonly since: string; readonly until: string },
  zone: string,
  projectId?: string,
  label?: readonly string[],
) {
  return queryOptions({
    queryKey: [environment, "posts", "summary", span, zone, projectId, label],
    queryFn: () =>
      clientOf(environment).publishing.summarizePosts({
        ...span,
        timezone: zone,
        ...(projectId && { projectId }),
        ...(label && { label }),
      }),
  });
}

/** Returns the number of posts of a day; canceled ones are not counted. */
export function totalOf(counts: Counts | undefined): number {
  return STATUSES.reduce((sum, status) => sum + (counts?.[status] ?? 0), 0);
}

/** Returns "12 posts: 10 queued, 2 failed". */
export function countsSentence(counts: Counts | undefined): string {
  const total = totalOf(counts);
  if (total === 0) return "no posts";
  const parts = STATUSES.filter((status) => (counts?.[status] ?? 0) > 0).map((status) =>
    countIn(status, counts?.[status] ?? 0),
  );
  return `${total === 1 ? "1 post" : `${total.toLocaleString("en")} posts`}: ${parts.join(", ")}`;
}

function countIn(status: Status, count: number): string {
  if (status !== "draft") return `${count} ${status}`;
  return count === 1 ? "1 draft delivered" : `${count} drafts delivered`;
}

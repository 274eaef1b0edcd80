import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Bulk, Environment, PublishingStartBulkParams, ScheduledPost } from "presswork-client";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { toastError } from "../../ui/toasts";
import { countOf } from "./actions";
import type { BulkActionId, StartedBulk } from "./ids";

const MAX_IDS = 500;
const REFRESH_MS = 500;
/** What the API calls each of them. */
export const BULK_ACTIONS = {
  cancel: "cancel",
  move: "reschedule",
  publish: "publish_now",
  takeDown: "take_down",
} as const satisfies Readonly<Record<BulkActionId, string>>;

/** Returns the calls that do something with posts. `timeOf` says where a post is moved, `reason` why it is taken down. */
export function ordersOf(
  action: BulkActionId,
  posts: readonly ScheduledPost[],
  timeOf: (post: ScheduledPost) => Date,
  reason?: string,
): readonly PublishingStartBulkParams[] {
  if (action !== "move") {
    const order = { action: BULK_ACTIONS[action], ...(reason && { reason }) };
    return chunks(posts.map(({ id }) => id)).map((ids) => ({ ...order, ids }));
  }
  const byShift = new Map<number, string[]>();
  for (const post of posts) {
    const shift = (timeOf(post).getTime() - new Date(post.scheduledFor).getTime()) / 1000;
    byShift.set(shift, [...(byShift.get(shift) ?? []), post.id]);
  }
  const times = new Set(posts.map((post) => timeOf(post).getTime()));
  const isExact = [...byShift.keys()].every(Number.isInteger);
  if (times.size === 1 && (byShift.size > 1 || !isExact)) {
    const scheduledFor = new Date([...times][0] ?? 0);
    return chunks(posts.map(({ id }) => id)).map((ids) => ({ action: BULK_ACTIONS.move, ids, scheduledFor }));
  }
  // A day has another length where the clocks change, so that a move by days can have several shifts.
  return [...byShift].flatMap(([shift, some]) =>
    chunks(some).map((ids) => ({ action: BULK_ACTIONS.move, ids, shiftSeconds: Math.round(shift) })),
  );
}

function chunks(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / MAX_IDS) }, (_, at) =>
    ids.slice(at * MAX_IDS, (at + 1) * MAX_IDS),
  );
}

/** Starts jobs, and returns those that were started. Throws if none was. */
export async function startBulks(
  environment: Environment,
  orders: readonly PublishingStartBulkParams[],
): Promise<readonly StartedBulk[]> {
  const started: StartedBulk[] = [];
  try {
    for (const order of orders) {
      const { id } = await clientOf(environment).publishing.startBulk(order);
      started.push({ id, shiftSeconds: order.shiftSeconds ?? null });
    }
  } catch (error) {
    if (started.length === 0) throw error;
    toastError(messageOf(error));
  }
  return started;
}

/** A job, read again until it is done. */
export function bulkQuery(environment: Environment, bulkId: string) {
  return queryOptions({
    queryKey: [environment, "bulk", bulkId],
    queryFn: () => clientOf(environment).publishing.getBulk({ bulkId }),
    refetchInterval: ({ state }) => (state.data?.status === "done" ? false : REFRESH_MS),
    staleTime: REFRESH_MS,
  });
}

/** Returns a job once it is done. */
export async function endOf(queries: QueryClient, environment: Environment, bulkId: string): Promise<Bulk> {
  for (;;) {
    const bulk = await queries.fetchQuery({ ...bulkQuery(environment, bulkId), staleTime: 0 });
    if (bulk.status === "done") return bulk;
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
  }
}

/** Starts jobs, and returns what became of their posts once they are done. Throws if none was started. */
export async function runBulks(
  queries: QueryClient,
  environment: Environment,
  orders: readonly PublishingStartBulkParams[],
): Promise<Report> {
  const jobs = await startBulks(environment, orders);
  return joined(await Promise.all(jobs.map(({ id }) => endOf(queries, environment, id))));
}

/** What became of several jobs, as one. */
export interface Report {
  readonly isDone: boolean;
  readonly total: number;
  readonly settled: number;
  readonly failed: number;
  /** Posts that were treated, those that failed first. Of very many, only some. */
  readonly items: Bulk["items"];
}

/** Returns what became of jobs; null before it is known. */
export function reportOf(bulks: readonly (Bulk | undefined)[]): Report | null {
  const known = bulks.filter((bulk) => bulk !== undefined);
  return known.length < bulks.length ? null : joined(known);
}

function joined(known: readonly Bulk[]): Report {
  const sum = (of: (bulk: Bulk) => number) => known.reduce((total, bulk) => total + of(bulk), 0);
  return {
    isDone: known.every(({ status }) => status === "done"),
    total: sum(({ total }) => total),
    settled: sum(({ done }) => done),
    failed: sum(({ failed }) => failed),
    items: known.flatMap(({ items }) => items).toSorted((one, other) => Number(one.ok) - Number(other.ok)),
  };
}

/** "97 posts canceled, 3 failed." */
export function reportSentence({ total, failed }: Pick<Report, "total" | "failed">, done: string): string {
  return `${countOf({ length: total - failed })} ${done}${failed === 0 ? "" : `, ${failed.toLocaleString("en")} failed`}.`;
}

/** Returns the calls that move posts back; none if that needs more than the jobs report. */
export function undosOf(
  jobs: readonly StartedBulk[],
  bulks: readonly (Bulk | undefined)[],
): readonly PublishingStartBulkParams[] {
  const orders = jobs.flatMap(({ shiftSeconds }, place): readonly PublishingStartBulkParams[] => {
    const bulk = bulks[place];
    if (shiftSeconds === null || bulk === undefined || bulk.items.length < bulk.total) return [];
    const ids = bulk.items.flatMap(({ postId, ok }) => (ok ? [postId] : []));
    return ids.length === 0 ? [] : [{ action: BULK_ACTIONS.move, ids, shiftSeconds: -shiftSeconds }];
  });
  return jobs.every(({ shiftSeconds }) => shiftSeconds !== null) ? orders : [];
}

import { queryOptions } from "@tanstack/react-query";
import type { Environment, Queue } from "presswork-client";
import { clientOf } from "../api/client";

/** The most slots of one answer. */
export const MAX_SHOWN_SLOTS = 100;

/** The start of the keys of all queries of queues. */
export function queuesKey(environment: Environment) {
  return [environment, "queues"] as const;
}

/** The queues of a project, the default one first. */
export function queuesQuery(environment: Environment, projectId: string) {
  return queryOptions({
    queryKey: [...queuesKey(environment), projectId],
    queryFn: async (): Promise<readonly Queue[]> => {
      const queues: Queue[] = [];
      for await (const queue of clientOf(environment).queues.list({ projectId })) queues.push(queue);
      return queues.toSorted(
        (one, other) => Number(other.isDefault) - Number(one.isDefault) || one.name.localeCompare(other.name),
      );
    },
    staleTime: 60_000,
  });
}

/** Returns the instant from which on a queue has slots for new posts: a given one, or the end of its pause. */
export function openFrom({ pausedUntil }: Pick<Queue, "pausedUntil">, from: string): string {
  return pausedUntil !== null && Date.parse(pausedUntil) > Date.parse(from) ? pausedUntil : from;
}

/** The slots of a queue from an instant on, in order. Events of posts refresh them. */
export function slotsQuery(environment: Environment, queueId: string, from: string, count: number) {
  return queryOptions({
    queryKey: [environment, "posts", "slots", queueId, from, count],
    queryFn: async () => (await clientOf(environment).queues.listSlots({ queueId, from, count })).items,
    staleTime: 30_000,
  });
}

import { useQuery } from "@tanstack/react-query";
import type { Environment, Queue } from "presswork-client";
import { type Dispatch, useEffect } from "react";
import { queuesQuery } from "../../queues/queries";
import { useFreeSlot } from "../../queues/useFreeSlot";
import type { Action, Draft } from "./draft";
import type { ChosenQueue } from "./intention";

/** The queues of the draft's project, and the chosen one with the time that it has for the draft's accounts. */
export function useQueueChoice(
  environment: Environment,
  { projectId, queue, targets }: Pick<Draft, "projectId" | "queue" | "targets">,
  mayPublish: boolean,
  dispatch: Dispatch<Action>,
): { readonly queues: readonly Queue[]; readonly chosen: ChosenQueue | null } {
  const queues = useQuery({
    ...queuesQuery(environment, projectId ?? ""),
    enabled: mayPublish && projectId !== null,
    select: (all) => all.filter(({ slots }) => slots.length > 0),
  });
  const found = queues.data?.find(({ id }) => id === queue?.id);
  const isGone = queue !== null && queues.data !== undefined && found === undefined;
  useEffect(() => {
    if (isGone) dispatch({ type: "when", laterAt: null }); // the queue was deleted
  }, [isGone, dispatch]);
  const freeAt = useFreeSlot(environment, queue?.slotAt === null ? found : undefined, {
    accounts: targets.map(({ socialAccountId }) => socialAccountId),
    position: queue?.position ?? "next",
  });
  if (found === undefined || queue === null) return { queues: queues.data ?? [], chosen: null };
  return { queues: queues.data ?? [], chosen: { name: found.name, freeAt: queue.slotAt ?? freeAt } };
}

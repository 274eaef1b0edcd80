import { useQuery } from "@tanstack/react-query";
import type { Environment, Queue } from "presswork-client";
import { type Dispatch, useEffect } from "react";
import { clientOf } from "../../api/client";
import { MAX_SHOWN_SLOTS, openFrom, queuesQuery, slotsQuery } from "../../queues/queries";
import { useNow } from "../../ui/useNow";
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
  const minute = useNow().toISOString().slice(0, 16);
  const isAsked = found !== undefined && queue?.slotAt === null;
  const slots = useQuery({
    ...slotsQuery(
      environment,
      found?.id ?? "",
      openFrom(found ?? { pausedUntil: null }, `${minute}:00Z`),
      MAX_SHOWN_SLOTS,
    ),
    enabled: isAsked,
    placeholderData: (before) => before,
  });
  const last = slots.data?.at(-1)?.slotAt;
  const taken = (slots.data ?? []).flatMap(({ takenBy }) => takenBy);
  // Whose they are: a slot that other accounts have is free.
  const posts = useQuery({
    queryKey: [environment, "posts", "taken", found?.id, slots.data?.[0]?.slotAt, last, taken.length],
    queryFn: async () => {
      const page = await clientOf(environment).publishing.searchPosts({
        projectId: projectId ?? "",
        status: ["queued", "publishing"],
        since: slots.data?.[0]?.slotAt,
        limit: 100,
      });
      return new Map(page.items.map(({ id, socialAccountId }) => [id, socialAccountId]));
    },
    enabled: isAsked && taken.length > 0,
  });
  if (found === undefined || queue === null) return { queues: queues.data ?? [], chosen: null };
  const accounts = new Set(targets.map(({ socialAccountId }) => socialAccountId));
  const isTaken = (postId: string) => {
    const account = posts.data?.get(postId);
    return account === undefined || accounts.has(account);
  };
  const isFree = ({ takenBy }: { readonly takenBy: readonly string[] }) => !takenBy.some(isTaken);
  const end = (slots.data ?? []).findLastIndex(({ takenBy }) => takenBy.length > 0);
  const candidates = queue.position === "last" ? slots.data?.slice(end + 1) : slots.data;
  const freeAt = queue.slotAt ?? candidates?.find(isFree)?.scheduledFor ?? null;
  return { queues: queues.data ?? [], chosen: { name: found.name, freeAt } };
}

import { useQuery } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { useEffect, useMemo } from "react";
import { clientOf } from "../../api/client";
import { MAX_SHOWN_SLOTS, openFrom, queuesQuery } from "../../queues/queries";
import { dayOf, type Span } from "./dates";
import { NO_SLOTS, type Slot, type SlotsByDay } from "./slots";

interface SlotReaderProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly span: Span;
  readonly zone: string;
  readonly now: Date;
  readonly onSlots: (slots: SlotsByDay) => void;
}

/** Reads the slots of a project's queues that are ahead in a span. Its code is loaded where a calendar shows one project. */
export default function SlotReader({ environment, projectId, span, zone, now, onSlots }: SlotReaderProps) {
  const queues = useQuery(queuesQuery(environment, projectId)).data;
  const hour = `${now.toISOString().slice(0, 13)}:00:00.000Z`;
  const from = span.since > hour ? span.since : hour;
  const read = useQuery({
    queryKey: [environment, "posts", "slots", "of", queues?.map(({ id, updatedAt }) => [id, updatedAt]), from],
    queryFn: async (): Promise<readonly Slot[]> => {
      const client = clientOf(environment).queues;
      const asked = (queues ?? []).filter(({ slots }) => slots.length > 0);
      const found = await Promise.all(
        asked.map((queue) =>
          client.listSlots({ queueId: queue.id, from: openFrom(queue, from), count: MAX_SHOWN_SLOTS }),
        ),
      );
      return asked.flatMap(({ id, name }, place) =>
        (found[place]?.items ?? []).map(({ slotAt, takenBy }) => ({
          queueId: id,
          queueName: name,
          projectId,
          slotAt,
          isFree: takenBy.length === 0,
        })),
      );
    },
    enabled: queues !== undefined && from < span.until,
  }).data;
  const slots = useMemo(() => byDay(read ?? [], span.until, zone, now), [read, span.until, zone, now]);
  useEffect(() => {
    onSlots(slots);
    return () => onSlots(NO_SLOTS);
  }, [slots, onSlots]);
  return null;
}

function byDay(read: readonly Slot[], until: string, zone: string, now: Date): SlotsByDay {
  const days = new Map<string, Slot[]>();
  for (const slot of read.toSorted((one, other) => one.slotAt.localeCompare(other.slotAt))) {
    if (slot.slotAt > until || new Date(slot.slotAt) <= now) continue;
    const day = dayOf(slot.slotAt, zone);
    days.set(day, [...(days.get(day) ?? []), slot]);
  }
  return days.size === 0 ? NO_SLOTS : days;
}

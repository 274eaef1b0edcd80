import { useQueries, useQuery } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { useMemo } from "react";
import { useActiveProjects } from "../../api/projects";
import { MAX_SHOWN_SLOTS, queuesQuery, slotsQuery } from "../../queues/queries";
import { dayOf, minuteOf, type Span } from "./dates";

/** A time of a queue. */
export interface Slot {
  readonly queueId: string;
  readonly queueName: string;
  readonly projectId: string;
  /** What it is called by: an instant. */
  readonly slotAt: string;
  /** When a post of it goes out, which may be some minutes later. */
  readonly scheduledFor: string;
  readonly isFree: boolean;
}

/** The slots of a day, in order, by its name: "2026-12-24". */
export type SlotsByDay = ReadonlyMap<string, readonly Slot[]>;

const NONE: SlotsByDay = new Map();

/** Returns the slots ahead in a span: those of the project, or of the only one that there is. Of others, a calendar would be full. */
export function useSlots(
  environment: Environment,
  shownId: string | undefined,
  { since, until }: Span,
  zone: string,
  now: Date,
): SlotsByDay {
  const projects = useActiveProjects(environment).data ?? [];
  const id = shownId ?? (projects.length === 1 ? projects[0]?.id : undefined);
  const queues = useQuery({ ...queuesQuery(environment, id ?? ""), enabled: id !== undefined }).data ?? [];
  const hour = `${now.toISOString().slice(0, 13)}:00:00.000Z`;
  const from = since > hour ? since : hour;
  const reads = useQueries({
    queries: queues
      .filter(({ slots }) => slots.length > 0 && from < until)
      .map((queue) => ({
        ...slotsQuery(environment, queue.id, from, MAX_SHOWN_SLOTS),
        select: (slots: readonly FoundSlot[]) => slots.map((slot) => ({ ...slot, queue })),
      })),
    combine: (found) => found.flatMap(({ data }) => data ?? []),
  });
  return useMemo(() => {
    const shown = reads.filter(({ slotAt }) => slotAt <= until && new Date(slotAt) > now);
    if (shown.length === 0) return NONE;
    const byDay = new Map<string, Slot[]>();
    for (const { queue, slotAt, scheduledFor, takenBy } of shown) {
      const day = dayOf(slotAt, zone);
      const slots = byDay.get(day) ?? [];
      byDay.set(day, slots);
      const { id: queueId, name: queueName, projectId } = queue;
      slots.push({ queueId, queueName, projectId, slotAt, scheduledFor, isFree: takenBy.length === 0 });
    }
    for (const slots of byDay.values()) slots.sort((one, other) => one.slotAt.localeCompare(other.slotAt));
    return byDay;
  }, [reads, until, zone, now]);
}

/** Returns the free slots of a day; of one hour of it where that is given. */
export function freeSlots(slots: SlotsByDay, day: string, zone: string, hour?: number): readonly Slot[] {
  const isHere = (slot: Slot) => hour === undefined || Math.floor(minuteOf(slot.slotAt, zone) / 60) === hour;
  return (slots.get(day) ?? []).filter((slot) => slot.isFree && isHere(slot));
}

/** Returns the free slot of a queue that begins at an instant. */
export function slotAt(slots: SlotsByDay, queueId: string | null, instant: Date, zone: string): Slot | undefined {
  const ofDay = slots.get(dayOf(instant.toISOString(), zone)) ?? [];
  return ofDay.find((slot) => slot.isFree && slot.queueId === queueId && Date.parse(slot.slotAt) === instant.getTime());
}

interface FoundSlot {
  readonly slotAt: string;
  readonly scheduledFor: string;
  readonly takenBy: readonly string[];
}

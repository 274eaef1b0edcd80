import { dayOf, minuteOf } from "./dates";

/** A time of a queue. */
export interface Slot {
  readonly queueId: string;
  readonly queueName: string;
  readonly projectId: string;
  /** What it is called by: an instant. */
  readonly slotAt: string;
  readonly isFree: boolean;
}

/** The slots of a day, in order, by its name: "2026-12-24". */
export type SlotsByDay = ReadonlyMap<string, readonly Slot[]>;

export const NO_SLOTS: SlotsByDay = new Map();

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

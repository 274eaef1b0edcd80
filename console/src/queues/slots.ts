/** The times of a queue in a week. */

export const WEEKDAYS = [
  { id: "mon", label: "Mon", name: "Monday" },
  { id: "tue", label: "Tue", name: "Tuesday" },
  { id: "wed", label: "Wed", name: "Wednesday" },
  { id: "thu", label: "Thu", name: "Thursday" },
  { id: "fri", label: "Fri", name: "Friday" },
  { id: "sat", label: "Sat", name: "Saturday" },
  { id: "sun", label: "Sun", name: "Sunday" },
] as const;

export type WeekdayId = (typeof WEEKDAYS)[number]["id"];

/** A time of a weekday, "09:30", in the zone of the queue. */
export interface WeekSlot {
  readonly weekday: WeekdayId;
  readonly time: string;
}

/** The most times of a week. */
export const MAX_SLOTS = 200;

/** Days that get a time together, besides the single ones. */
export const DAY_GROUPS = [
  { id: "workdays", label: "Monday to Friday", days: ["mon", "tue", "wed", "thu", "fri"] },
  { id: "every", label: "Every day", days: WEEKDAYS.map(({ id }) => id) },
  { id: "weekend", label: "Saturday and Sunday", days: ["sat", "sun"] },
] as const satisfies readonly { id: string; label: string; days: readonly WeekdayId[] }[];

export type DaysId = WeekdayId | (typeof DAY_GROUPS)[number]["id"];

/** Returns the days that a choice means. */
export function daysOf(id: DaysId): readonly WeekdayId[] {
  return DAY_GROUPS.find((group) => group.id === id)?.days ?? WEEKDAYS.flatMap((day) => (day.id === id ? day.id : []));
}

/** Returns slots in the order of a week, each once. */
export function sortedSlots(slots: readonly WeekSlot[]): readonly WeekSlot[] {
  return WEEKDAYS.flatMap(({ id }) =>
    [...new Set(slots.filter(({ weekday }) => weekday === id).map(({ time }) => time))]
      .toSorted()
      .map((time) => ({ weekday: id, time })),
  );
}

/** Returns slots with a time added to some days. */
export function withTime(slots: readonly WeekSlot[], days: DaysId, time: string): readonly WeekSlot[] {
  return sortedSlots([...slots, ...daysOf(days).map((weekday) => ({ weekday, time }))]);
}

/** Returns slots without one of them. */
export function withoutSlot(slots: readonly WeekSlot[], { weekday, time }: WeekSlot): readonly WeekSlot[] {
  return slots.filter((one) => one.weekday !== weekday || one.time !== time);
}

/** "12 times a week", "no times yet". */
export function frequencyOf(slots: readonly WeekSlot[]): string {
  if (slots.length === 0) return "no times yet";
  return slots.length === 1 ? "once a week" : `${slots.length} times a week`;
}

import { type CalendarDate, fromDate, parseDate, toCalendarDate, toZoned } from "@internationalized/date";

/** The ranges that are offered; the second one is the default. */
export const RANGES = [
  { id: "7", label: "7 days", days: 7 },
  { id: "28", label: "28 days", days: 28 },
  { id: "90", label: "90 days", days: 90 },
] as const;

export type RangeId = (typeof RANGES)[number]["id"] | "own";

/** Days from one midnight to another, in a time zone. */
export interface Span {
  /** ISO 8601. */
  readonly since: string;
  /** The last millisecond: a call's `until` is part of what it finds. */
  readonly until: string;
  readonly days: readonly CalendarDate[];
}

/** As many as the API sums up at once. */
const MOST_DAYS = 366;
const DAYS_WITHOUT_CHOICE = 28;

/** Returns the days of a zone that an address names; `until` and `since` are dates of an own range. */
export function spanOf(
  search: {
    readonly range?: RangeId | undefined;
    readonly since?: string | undefined;
    readonly until?: string | undefined;
  },
  now: Date,
  zone: string,
): Span {
  const today = toCalendarDate(fromDate(now, zone));
  if (search.range === "own" && search.since !== undefined && search.until !== undefined) {
    const [first, last] = [parseDate(search.since), parseDate(search.until)];
    if (first.compare(last) <= 0) return spanBetween(first, last, zone);
  }
  const days = RANGES.find(({ id }) => id === search.range)?.days ?? DAYS_WITHOUT_CHOICE;
  return spanBetween(today.subtract({ days: days - 1 }), today, zone);
}

/** Returns as many days, right before these. */
export function spanBefore({ days }: Span, zone: string): Span {
  const first = days[0] as CalendarDate;
  return spanBetween(first.subtract({ days: days.length }), first.subtract({ days: 1 }), zone);
}

/** Returns the last days of a zone, today included. */
export function lastDays(count: number, now: Date, zone: string): Span {
  const today = toCalendarDate(fromDate(now, zone));
  return spanBetween(today.subtract({ days: count - 1 }), today, zone);
}

function spanBetween(first: CalendarDate, last: CalendarDate, zone: string): Span {
  const count = Math.min(
    Math.round((last.toDate("UTC").getTime() - first.toDate("UTC").getTime()) / 86_400_000) + 1,
    MOST_DAYS,
  );
  const start = last.subtract({ days: count - 1 });
  const end = toZoned(last.add({ days: 1 }), zone).toDate();
  return {
    since: toZoned(start, zone).toDate().toISOString(),
    until: new Date(end.getTime() - 1).toISOString(),
    days: Array.from({ length: count }, (_, number) => start.add({ days: number })),
  };
}

/** "28 Nov", for the axis of a chart. A day is its midnight in UTC. */
export function shortDay(at: number): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }).format(at);
}

/** "Sat 28 November 2026" */
export function longDay(at: number): string {
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  })
    .format(at)
    .replace(",", "");
}

/** Returns a day as the place that it has in a chart. */
export function placeOf(day: CalendarDate): number {
  return day.toDate("UTC").getTime();
}

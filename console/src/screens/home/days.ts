import { fromDate, toCalendarDate, toZoned } from "@internationalized/date";

/** Something of a day, in the time zone of its project. */
export interface Due {
  readonly projectId: string;
  readonly scheduledFor: string;
}

export interface Day<T extends Due> {
  readonly name: "Today" | "Tomorrow";
  /** In order. */
  readonly rows: readonly T[];
}

const DAY_MS = 86_400_000;

/** Returns the local date of an instant: "2026-11-27". */
export function dateIn(zone: string, instant: Date): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    instant,
  );
}

/** Returns what is due today and tomorrow. Each day is that of its own project. */
export function daysOf<T extends Due>(
  rows: readonly T[],
  now: Date,
  zoneOf: (projectId: string) => string,
): readonly [Day<T>, Day<T>] {
  const today: T[] = [];
  const tomorrow: T[] = [];
  for (const row of rows) {
    const zone = zoneOf(row.projectId);
    const date = dateIn(zone, new Date(row.scheduledFor));
    if (date === dateIn(zone, now)) today.push(row);
    else if (date === dayAfter(dateIn(zone, now))) tomorrow.push(row);
  }
  return [
    { name: "Today", rows: today },
    { name: "Tomorrow", rows: tomorrow },
  ];
}

/** Calendar arithmetic on a date: a day on which clocks change has 23 or 25 hours. */
function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}

/** Returns a span that contains tomorrow in all these time zones. */
export function tomorrowIn(zones: readonly string[], now: Date): { readonly since: Date; readonly until: Date } {
  const starts = (zones.length === 0 ? ["UTC"] : zones).map((zone) => {
    const today = toCalendarDate(fromDate(now, zone));
    return [1, 2].map((days) => toZoned(today.add({ days }), zone).toDate().getTime());
  });
  return {
    since: new Date(Math.min(...starts.map(([since]) => since ?? 0))),
    until: new Date(Math.max(...starts.map(([, until]) => until ?? 0))),
  };
}

const WEEK_DAYS = 7;

/** Returns the days from today on in a time zone, and the span that they are. */
export function weekFrom(now: Date, zone: string) {
  const first = toCalendarDate(fromDate(now, zone));
  const end = toZoned(first.add({ days: WEEK_DAYS }), zone).toDate();
  return {
    days: Array.from({ length: WEEK_DAYS }, (_, number) => first.add({ days: number })),
    span: {
      since: toZoned(first, zone).toDate().toISOString(),
      until: new Date(end.getTime() - 1).toISOString(),
    },
  };
}

import { fromDate, toCalendarDate, toZoned } from "@internationalized/date";

/** A post of a day, in the time zone of its project. */
export interface Due {
  readonly projectId: string;
  readonly scheduledFor: string;
}

export interface Day<T extends Due> {
  readonly name: "Today" | "Tomorrow";
  /** In order. */
  readonly posts: readonly T[];
}

const DAY_MS = 86_400_000;

/** Returns the local date of an instant: "2026-11-27". */
export function dateIn(zone: string, instant: Date): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    instant,
  );
}

/** Returns the posts of today and tomorrow. Each day is that of the post's own project. */
export function daysOf<T extends Due>(
  posts: readonly T[],
  now: Date,
  zoneOf: (projectId: string) => string,
): readonly [Day<T>, Day<T>] {
  const today: T[] = [];
  const tomorrow: T[] = [];
  for (const post of posts) {
    const zone = zoneOf(post.projectId);
    const date = dateIn(zone, new Date(post.scheduledFor));
    if (date === dateIn(zone, now)) today.push(post);
    else if (date === dayAfter(dateIn(zone, now))) tomorrow.push(post);
  }
  return [
    { name: "Today", posts: today },
    { name: "Tomorrow", posts: tomorrow },
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

/** Returns posts of the same content at the same time together, in order: they are one thing to a person. */
export function together<T extends Due & { readonly containerId: string }>(
  posts: readonly T[],
): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const post of posts) {
    const key = `${post.containerId} ${post.scheduledFor}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [post]);
    else group.push(post);
  }
  return [...groups.values()];
}

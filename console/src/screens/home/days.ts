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

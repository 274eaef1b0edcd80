/** Formats of instants. `zone` is an IANA name; without it, the viewer's zone. */

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** Returns the viewer's time zone. */
export function viewerZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** "in 3 hours", "5 minutes ago", "now". */
export function relativeTime(instant: Date, now: Date): string {
  const seconds = (instant.getTime() - now.getTime()) / 1000;
  for (const [unit, size] of UNITS) {
    const amount = Math.trunc(seconds / size);
    if (amount !== 0) return relative.format(amount, unit);
  }
  return Math.abs(seconds) < 10 ? "now" : relative.format(Math.trunc(seconds), "second");
}

/** "27 Nov, 14:05"; with the year if it is not that of `now`. */
export function shortTime(instant: Date, now: Date, zone?: string): string {
  const year = new Intl.DateTimeFormat("en", { year: "numeric", timeZone: zone });
  const isThisYear = year.format(instant) === year.format(now);
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
    timeZone: zone,
  }).format(instant);
}

/** "14:05". */
export function timeOfDay(instant: Date, zone?: string): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(instant);
}

/** "Friday, 27 November 2026 at 14:05:09 CET". */
export function exactTime(instant: Date, zone?: string): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long", timeZone: zone }).format(instant);
}

/** Formats of instants. `zone` is an IANA name; without it, the viewer's zone. */

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "tomorrow" would be wrong for 25 hours from an evening, and "next month" for 50 days. */
const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });

const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns a format. Making one takes much longer than using it, and a list uses a few of them for hundreds of rows. */
function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, options);
    formats.set(key, format);
  }
  return format;
}

let viewer: string | undefined;

/** Returns the viewer's time zone. */
export function viewerZone(): string {
  viewer ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
  return viewer;
}

/** "in 3 hours", "5 minutes ago", "just now", "in a moment". */
export function relativeTime(instant: Date, now: Date): string {
  const seconds = (instant.getTime() - now.getTime()) / 1000;
  for (const [unit, size] of UNITS) {
    const amount = Math.trunc(seconds / size);
    if (amount !== 0) return relative.format(amount, unit);
  }
  return seconds > 0 ? "in a moment" : "just now";
}

/** "27 Nov, 14:05"; with the year if it is not that of `now`. */
export function shortTime(instant: Date, now: Date, zone?: string): string {
  const year = formatOf("en", { year: "numeric", timeZone: zone });
  const isThisYear = year.format(instant) === year.format(now);
  return formatOf("en-GB", {
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
    timeZone: zone,
  }).format(instant);
}

/** "today 09:00", "tomorrow 09:00", "Thu 3 Dec, 09:00"; with the year if it is not that of `now`. */
export function dayTime(instant: Date, now: Date, zone?: string): string {
  const days = [-1, 0, 1].map((offset) => new Date(now.getTime() + offset * DAY_MS));
  const near = days.findIndex((day) => dayOf(day, zone) === dayOf(instant, zone));
  const day = ["yesterday", "today", "tomorrow"][near];
  if (day !== undefined) return `${day} ${timeOfDay(instant, zone)}`;
  const isThisYear = dayOf(instant, zone).slice(-4) === dayOf(now, zone).slice(-4);
  const date = formatOf("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "numeric" }),
    timeZone: zone,
  }).format(instant);
  return `${date.replace(",", "")}, ${timeOfDay(instant, zone)}`;
}

/** "22:12" for today, else "30 Nov": since when something waits, where there is little room. */
export function sinceTime(instant: Date, now: Date, zone?: string): string {
  if (dayOf(instant, zone) === dayOf(now, zone)) return timeOfDay(instant, zone);
  return formatOf("en-GB", { day: "numeric", month: "short", timeZone: zone }).format(instant);
}

const DAY_MS = 86_400_000;

/** "03/12/2026" */
function dayOf(instant: Date, zone: string | undefined): string {
  return formatOf("en-GB", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone }).format(instant);
}

/** "CET" or "GMT-5": the clock that an instant is shown by, where it is not the viewer's; else null. */
export function foreignClock(instant: Date, zone: string | undefined, own: string = viewerZone()): string | null {
  if (zone === undefined || zone === own) return null;
  const [there, here] = [zone, own].map((one) => `${dayOf(instant, one)} ${timeOfDay(instant, one)}`);
  return there === here ? null : (clockName(instant, zone) ?? null);
}

function clockName(instant: Date, zone: string | undefined): string | undefined {
  const format = formatOf("en-GB", { timeZone: zone, timeZoneName: "short" });
  return format.formatToParts(instant).find(({ type }) => type === "timeZoneName")?.value;
}

/** "14:05". */
export function timeOfDay(instant: Date, zone?: string): string {
  return formatOf("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(instant);
}

/** "Friday, 27 November 2026 at 14:05 CET". */
export function exactTime(instant: Date, zone?: string): string {
  const day = formatOf("en-GB", { dateStyle: "full", timeZone: zone }).format(instant);
  const clock = clockName(instant, zone);
  return `${day} at ${timeOfDay(instant, zone)}${clock === undefined ? "" : ` ${clock}`}`;
}

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

/** "CET" or "GMT-5": the clock that an instant is shown by, where it is not the viewer's; else null. */
export function foreignClock(instant: Date, zone: string | undefined, own: string = viewerZone()): string | null {
  if (zone === undefined || zone === own) return null;
  const [there, here] = [zone, own].map((one) => clockName(instant, one));
  return there === here ? null : (there ?? null);
}

function clockName(instant: Date, zone: string): string | undefined {
  const format = formatOf("en-GB", { timeZone: zone, timeZoneName: "short" });
  return format.formatToParts(instant).find(({ type }) => type === "timeZoneName")?.value;
}

/** "14:05". */
export function timeOfDay(instant: Date, zone?: string): string {
  return formatOf("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(instant);
}

/** "Friday, 27 November 2026 at 14:05:09 CET". */
export function exactTime(instant: Date, zone?: string): string {
  return formatOf("en-GB", { dateStyle: "full", timeStyle: "long", timeZone: zone }).format(instant);
}

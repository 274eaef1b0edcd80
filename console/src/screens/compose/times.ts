import { now as nowIn, parseAbsolute, parseDate, toZoned, type ZonedDateTime } from "@internationalized/date";

/** A post that is scheduled nearer than this leaves no time to correct it. */
const LEAST_MINUTES = 15;
const STEP_MINUTES = 5;

/** Returns the next full hour that is at least 15 minutes ahead, in a zone. */
export function nextHour(zone: string, now: ZonedDateTime = nowIn(zone)): ZonedDateTime {
  return now.add({ minutes: LEAST_MINUTES }).add({ hours: 1 }).set({ minute: 0, second: 0, millisecond: 0 });
}

/** Returns the time in one hour, at the next five minutes. */
export function inAnHour(zone: string, now: ZonedDateTime = nowIn(zone)): ZonedDateTime {
  const late = STEP_MINUTES - 1;
  const at = now.add({ hours: 1, minutes: late }).set({ second: 0, millisecond: 0 });
  return at.subtract({ minutes: at.minute % STEP_MINUTES });
}

/** Returns nine o'clock of the next day. */
export function tomorrowAtNine(zone: string, now: ZonedDateTime = nowIn(zone)): ZonedDateTime {
  return now.add({ days: 1 }).set({ hour: 9, minute: 0, second: 0, millisecond: 0 });
}

/** Returns the time that the address of Compose names: an instant, or nine o'clock of a day, if that leaves time; null if it is over. */
export function startingAt(at: string, zone: string, now: ZonedDateTime = nowIn(zone)): ZonedDateTime | null {
  try {
    if (at.includes("T")) {
      const instant = parseAbsolute(at.replace("Z", ":00Z"), zone);
      return instant.compare(now) < 0 ? null : instant;
    }
    const day = parseDate(at);
    const nine = toZoned(day, zone).set({ hour: 9 });
    if (nine.compare(now.add({ minutes: LEAST_MINUTES })) >= 0) return nine;
    const next = nextHour(zone, now);
    return toZoned(day.add({ days: 1 }), zone).compare(next) > 0 ? next : null;
  } catch {
    return null; // no such day
  }
}

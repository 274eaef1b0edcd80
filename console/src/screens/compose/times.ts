import { now as nowIn, parseZonedDateTime, type ZonedDateTime } from "@internationalized/date";

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

/** Whether a chosen time is over. */
export function isOver(laterAt: string, now: number = Date.now()): boolean {
  return parseZonedDateTime(laterAt).toDate().getTime() < now;
}

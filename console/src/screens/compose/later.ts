/**
 * Returns the instant of a chosen time, which is a local one with its offset and zone: "2026-12-24T09:00:00+01:00[Europe/Berlin]".
 * While a year is typed, the offset may have seconds, as before there were time zones.
 */
export function dueAt(laterAt: string): Date {
  return new Date(laterAt.replace(/([+-]\d\d:\d\d)(?::\d\d)?\[.*$/, "$1"));
}

/** Whether a chosen time is over. */
export function isOver(laterAt: string, now: number = Date.now()): boolean {
  return dueAt(laterAt).getTime() < now;
}

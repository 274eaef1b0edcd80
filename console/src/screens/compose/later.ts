/** Returns the instant of a chosen time, which is a local one with its offset and zone: "2026-12-24T09:00:00+01:00[Europe/Berlin]". */
export function dueAt(laterAt: string): Date {
  return new Date(laterAt.replace(/\[.*$/, ""));
}

/** Whether a chosen time is over. */
export function isOver(laterAt: string, now: number = Date.now()): boolean {
  return dueAt(laterAt).getTime() < now;
}

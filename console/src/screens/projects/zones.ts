/** Returns the names of all time zones that this browser knows, and `own` even if it does not. */
export function zoneNames(own: string): readonly string[] {
  const known = Intl.supportedValuesOf("timeZone");
  return [...new Set([own, "UTC", ...known])].filter((name) => name !== "").sort();
}

/** "14:05", or null if this browser does not know the zone. */
export function timeOfDay(zone: string, now: Date): string | null {
  try {
    return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(now);
  } catch {
    return null;
  }
}

/** "America/New York". */
export function zoneLabel(zone: string): string {
  return zone.replaceAll("_", " ");
}

/** "It is 14:05 there now." and what the zone is for. */
export function timeSentence(time: string): string {
  return `It is ${time} there now. Times of the project's posts are shown in it.`;
}

/** When a person was on the home screen, as the browser keeps it for each environment and user. */
export interface Visit {
  /** When it was open last, ISO 8601. */
  readonly seenAt: string;
  /** What happened after this instant is new. Missing: this is the first visit. */
  readonly since?: string;
}

/** A visit is over if the screen was not open for so long; a reload or another screen in between does not end it. */
const AWAY_MS = 30 * 60_000;
/** What a first visit shows as new. */
const FIRST_MS = 7 * 86_400_000;

/** Returns the visit that continues, or a new one that began where the former one ended. */
export function visitAt(now: Date, former: Visit | null): Visit {
  const seenAt = now.toISOString();
  if (former === null) return { seenAt };
  const isOver = now.getTime() - new Date(former.seenAt).getTime() > AWAY_MS;
  return isOver ? { seenAt, since: former.seenAt } : { ...former, seenAt };
}

/** Returns the instant after which something is new. */
export function newSince(visit: Visit): Date {
  return visit.since === undefined ? new Date(new Date(visit.seenAt).getTime() - FIRST_MS) : new Date(visit.since);
}

/** Reads a stored visit; null for anything else. */
export function visitOf(text: string | null): Visit | null {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    if (typeof value !== "object" || value === null || !("seenAt" in value)) return null;
    const { seenAt, since } = value as Record<string, unknown>;
    if (!isInstant(seenAt)) return null;
    return isInstant(since) ? { seenAt, since } : { seenAt };
  } catch {
    return null;
  }
}

function isInstant(value: unknown): value is string {
  return typeof value === "string" && !Number.isNaN(new Date(value).getTime());
}

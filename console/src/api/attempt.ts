import { APIStatusError, InvalidArgumentError } from "presswork-client";

/** A write that was begun and whose success no person has seen. */
export interface Attempt<Call> {
  /** What the call was made from. */
  readonly of: string;
  /** What is sent, with its idempotency key. */
  readonly call: Call;
  /** When it was sent first, in milliseconds since 1970. */
  readonly beganAt: number;
  /** Whether the server has said that it succeeded. */
  readonly isAnswered: boolean;
}

/** Whether the attempt of a place can be repeated as it is, or is of something else and without an answer. */
export type Standing = "none" | "same" | "other";

/** The server keeps the reply to an idempotency key for 24 hours; the rest is for clocks. */
const REPEATABLE_MS = 23 * 3_600_000;
/** Answers that leave open what became of earlier sends: of the sign-in, a timeout, and the rate limit. */
const UNDECIDED: ReadonlySet<number> = new Set([401, 408, 429]);

const held = new Map<string, Attempt<unknown>>();
const keyOf = (place: string) => `presswork-attempt-${place}`;

/**
 * Whether a failed call had no effect for certain, so that its idempotency key may be forgotten. Only a refusal of Presswork
 * itself says so: the answer to a write that was committed can be lost, and be followed by a 5xx or a proxy's page.
 */
export function hadNoEffect(error: unknown): boolean {
  if (error instanceof InvalidArgumentError) return true; // nothing was sent
  if (!(error instanceof APIStatusError) || error.code === undefined) return false;
  if (error.code === "IDEMPOTENCY_CONFLICT") return false; // something was done under the key
  return error.statusCode >= 400 && error.statusCode < 500 && !UNDECIDED.has(error.statusCode);
}

/** Returns the attempt of a place, which survives a reload of this browser tab. */
export function attemptAt<Call>(place: string): Attempt<Call> | null {
  const known = held.get(place) as Attempt<Call> | undefined;
  if (known !== undefined) return known;
  const stored = sessionStorage.getItem(keyOf(place));
  if (stored === null) return null;
  const attempt = JSON.parse(stored) as Attempt<Call>;
  held.set(place, attempt);
  return attempt;
}

/** Returns how the attempt of a place stands to what would be sent now. */
export function standingOf(place: string, of: string): Standing {
  const kept = attemptAt(place);
  if (kept === null) return "none";
  if (kept.of === of && Date.now() - kept.beganAt < REPEATABLE_MS) return "same";
  return kept.isAnswered ? "none" : "other";
}

/** Forgets the attempt of a place, once a person sees its success. */
export function forgetAttempt(place: string): void {
  held.delete(place);
  sessionStorage.removeItem(keyOf(place));
}

/**
 * Sends a call that `make` returns, or the one that was made from the same before: it is sent again under its idempotency
 * key, until it is forgotten or refused for certain.
 */
export async function sendAttempt<Call, Answer>(
  place: string,
  of: string,
  make: () => Promise<Call>,
  send: (call: Call) => Promise<Answer>,
): Promise<Answer> {
  const again = () => (standingOf(place, of) === "same" ? attemptAt<Call>(place) : null);
  const made = again() === null ? await make() : null;
  // While it was made, another screen may have sent the same.
  const attempt = again() ?? { of, call: made as Call, beganAt: Date.now(), isAnswered: false };
  const former = attemptAt(place);
  const isLatest = () => attemptAt(place)?.of === of;
  keep(place, attempt);
  try {
    const answer = await send(attempt.call);
    if (isLatest()) keep(place, { ...attempt, isAnswered: true });
    return answer;
  } catch (error) {
    if (isLatest() && hadNoEffect(error)) {
      if (former === null || former.of === of) forgetAttempt(place);
      else keep(place, former); // what became of it is as open as before
    }
    throw error;
  }
}

function keep(place: string, attempt: Attempt<unknown>): void {
  held.set(place, attempt);
  try {
    sessionStorage.setItem(keyOf(place), JSON.stringify(attempt));
  } catch {
    sessionStorage.removeItem(keyOf(place)); // too long to be stored: it is known until the page is left
  }
}

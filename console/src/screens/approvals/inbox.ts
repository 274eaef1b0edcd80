import type { Content } from "presswork-client";
import { relativeTime } from "../../ui/times";

/** Content that waits for a decision. */
export interface Waiting {
  readonly content: Content;
  /** When the first of its posts is due, ISO 8601; null if none has a time yet. */
  readonly dueAt: string | null;
  /** Changes were requested, and the author has not edited it since. */
  readonly isWithAuthor: boolean;
  /** Whether it waits for the person who looks, and not for others. */
  readonly isForMe: boolean;
}

/** How urgent a decision is, in words. */
export interface Urgency {
  readonly text: string;
  readonly tone: "late" | "soon" | "calm";
}

const SOON_MS = 3 * 3_600_000;

/** Returns what waits in the order of a reviewer's work: by due time, then the oldest, then what waits for its author. */
export function inOrder(items: readonly Waiting[]): readonly Waiting[] {
  return items.toSorted(
    (one, other) =>
      Number(one.isWithAuthor) - Number(other.isWithAuthor) ||
      dueOf(one) - dueOf(other) ||
      Date.parse(one.content.createdAt) - Date.parse(other.content.createdAt),
  );
}

function dueOf({ dueAt }: Waiting): number {
  return dueAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(dueAt);
}

/** Returns since when content waits for a decision, ISO 8601: since it was made, or edited. */
export function waitsSince({
  createdAt,
  updatedAt,
  revision,
}: Pick<Content, "createdAt" | "updatedAt" | "revision">): string {
  return revision > 1 ? updatedAt : createdAt;
}

/** "Goes out in 40 minutes", "Was due 2 hours ago", "No time yet". */
export function urgency(dueAt: string | null, now: Date): Urgency {
  if (dueAt === null) return { text: "No time yet", tone: "calm" };
  const due = new Date(dueAt);
  if (due <= now) return { text: `Was due ${relativeTime(due, now)}`, tone: "late" };
  const isSoon = due.getTime() - now.getTime() < SOON_MS;
  return { text: `Goes out ${relativeTime(due, now)}`, tone: isSoon ? "soon" : "calm" };
}

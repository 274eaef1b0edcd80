import type { ScheduledPost } from "presswork-client";

/** Why a post is not out although its time has come, and when it continues; `until` is null where nobody knows. */
export interface Waiting {
  readonly reason: string;
  readonly until: string | null;
}

/** Returns why a post waits; null for one that does not. */
export function waitingOf(post: ScheduledPost, now: Date): Waiting | null {
  if (post.gateStatus !== null) return { reason: "Its content was edited and waits for approval.", until: null };
  if (post.status !== "queued" || new Date(post.scheduledFor).getTime() > now.getTime()) return null;
  return {
    reason: post.lastError?.message ?? "It is due. Posts of one account go out one after the other.",
    until: null,
  };
}

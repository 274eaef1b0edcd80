import type { TimelineItem } from "presswork-client";

/** A question to the platform that has no answer yet: whether a post is live. */
export interface LookUp {
  /** Why it is not known. */
  readonly why: string;
  readonly since: string;
  /** When the platform is asked again, and what was read last; null before the second time. */
  readonly nextAt: string | null;
  readonly latest: string | null;
}

const ENDS: ReadonlySet<string> = new Set(["live", "published", "drafted", "failed", "canceled", "going_live"]);

/** Returns what is being looked up about a post, from its timeline; null if nothing is. */
export function lookUpOf(items: readonly TimelineItem[]): LookUp | null {
  let found = null as LookUp | null;
  for (const { at, event, message, detail } of items) {
    if (ENDS.has(event) || (event === "reconciled" && "startsOver" in detail))
      found = null; // the platform has answered
    else if (event === "reconciled") found = { why: message, since: at, nextAt: null, latest: null };
    else if (found !== null && (event === "waiting" || event === "retrying")) {
      const next = detail["nextAt"];
      found = { ...found, latest: message, nextAt: typeof next === "string" ? next : found.nextAt };
    }
  }
  return found;
}

/** The posts of which one is the other published again. */
export interface Relatives {
  readonly formerId: string | undefined;
  /** The latest one, if it was published again more than once. */
  readonly laterId: string | undefined;
}

/** Returns the posts before and after a post that was published again, from its timeline. */
export function relativesOf(items: readonly TimelineItem[]): Relatives {
  const last = (name: string) =>
    items.map(({ detail }) => detail[name]).findLast((value): value is string => typeof value === "string");
  return { formerId: last("republishOf"), laterId: last("republishedAs") };
}

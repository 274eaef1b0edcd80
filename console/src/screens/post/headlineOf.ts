import type { LiveStatus, ScheduledPost, TimelineItem } from "presswork-client";
import { isNotTakenDown } from "../../posts/afterwards";
import { isInPart, isOutcomeUnknown } from "../../posts/StatusBadge";

/** When and where a post goes out, before and after the time, and before the account. */
export interface Headline {
  readonly before: string;
  /** ISO 8601; null: the words say it. */
  readonly at: string | null;
  readonly after: string;
}

type Headlined = Pick<
  ScheduledPost,
  | "status"
  | "mode"
  | "gateStatus"
  | "scheduledFor"
  | "publishedAt"
  | "canceledAt"
  | "lastError"
  | "threadStatus"
  | "liveStatus"
>;

/** Returns what became of a published post since; null while it is simply live. */
function afterwards(liveStatus: LiveStatus | null, at: string | null): Headline | null {
  if (liveStatus === "taking_down") return { before: "Being taken down", at: null, after: "from" };
  if (liveStatus === "taken_down") return { before: "Taken down", at, after: "from" };
  if (liveStatus === "gone") return { before: "Found deleted", at, after: "on" };
  return isNotTakenDown(liveStatus) ? { before: "Still live", at: null, after: "on" } : null;
}

/** Returns when a post was taken down, or found missing, from its timeline. */
export function offLineAtOf(items: readonly TimelineItem[]): string | null {
  return items.findLast(({ event }) => event === "taken_down" || event === "gone")?.at ?? null;
}

/** Returns when and where a post goes out, or went. The account follows: "Goes out tomorrow 09:00 to @corner.bakery". */
export function headlineOf(post: Headlined, now: Date, offLineAt: string | null = null): Headline {
  const isToPhone = post.mode === "draft";
  switch (post.status) {
    case "queued":
      if (post.gateStatus !== null)
        return { before: "Waits for approval, planned for", at: post.scheduledFor, after: "to" };
      if (Date.parse(post.scheduledFor) <= now.getTime()) {
        return {
          before: isToPhone ? "Goes to the creator's phone now," : "Goes out now",
          at: null,
          after: isToPhone ? "for" : "to",
        };
      }
      return isToPhone
        ? { before: "Goes to the creator's phone", at: post.scheduledFor, after: "for" }
        : { before: "Goes out", at: post.scheduledFor, after: "to" };
    case "publishing":
      return { before: "Is going out now", at: null, after: isToPhone ? "for" : "to" };
    case "published":
      return (
        afterwards(post.liveStatus, offLineAt) ?? {
          before: isInPart(post) ? "Went live in part" : "Went live",
          at: post.publishedAt,
          after: "on",
        }
      );
    case "draft":
      return { before: "Went to the creator's phone", at: post.publishedAt, after: "for" };
    case "failed":
      return isOutcomeUnknown(post)
        ? { before: "May be live", at: null, after: "on" }
        : { before: "Did not go out", at: null, after: "to" };
    case "canceled":
      return { before: "Canceled", at: post.canceledAt, after: "and not sent to" };
  }
}

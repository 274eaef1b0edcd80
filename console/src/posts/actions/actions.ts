import { Ban, CalendarClock, type LucideIcon, RotateCcw, Send, Trash2 } from "lucide-react";
import type { ScheduledPost, Status } from "presswork-client";
import { LIVE } from "../afterwards";
import { isOutcomeUnknown, lookOf } from "../StatusBadge";
import type { ActionId } from "./ids";

export interface Action {
  readonly label: string;
  readonly icon: LucideIcon;
  /** The key that starts it, alone. */
  readonly key: string;
  /** "canceled", as in "3 posts canceled". */
  readonly done: string;
  /** What will happen, in a sentence. */
  readonly effect: string;
  readonly isDangerous: boolean;
}

export const ACTIONS: Readonly<Record<ActionId, Action>> = {
  publish: {
    label: "Publish now",
    icon: Send,
    key: "p",
    done: "due now",
    effect: "Due now instead of at the planned time. What is published can't be taken back here.",
    isDangerous: false,
  },
  move: { label: "Move", icon: CalendarClock, key: "m", done: "moved", effect: "", isDangerous: false },
  cancel: {
    label: "Cancel",
    icon: Ban,
    key: "Backspace",
    done: "canceled",
    effect: "Not published. What its platform was already asked to make live stays.",
    isDangerous: true,
  },
  republish: {
    label: "Publish again",
    icon: RotateCcw,
    key: "r",
    done: "published again",
    effect: "A new post with the same account, texts and options, due now. The old one stays as it is.",
    isDangerous: false,
  },
  takeDown: { label: "Take down", icon: Trash2, key: "t", done: "being taken down", effect: "", isDangerous: true },
};

const STATES: Readonly<Record<Status, string>> = {
  queued: "still queued",
  publishing: "already publishing",
  published: "already published",
  draft: "already delivered as a draft",
  failed: "already failed",
  canceled: "already canceled",
};

/** Returns why an action can't be done with a post, to follow "It is"; null if it can. */
export function refusalOf(action: ActionId, post: ScheduledPost): string | null {
  switch (action) {
    case "cancel":
      return post.status === "queued" || post.status === "publishing" ? null : STATES[post.status];
    case "move":
      return post.status === "queued" ? null : STATES[post.status];
    case "publish":
      if (post.status !== "queued") return STATES[post.status];
      return post.gateStatus === null ? null : "waiting for the approval of its content";
    case "republish":
      return post.status === "failed" || post.status === "canceled" ? null : STATES[post.status];
    case "takeDown":
      if (post.liveStatus === null) return STATES[post.status];
      return LIVE.some((one) => one === post.liveStatus) ? null : `already ${lookOf(post).label.toLowerCase()}`;
  }
}

/** The same for one of several posts: a person must look at the account before a post of unknown outcome is repeated. */
export function bulkRefusalOf(action: ActionId, post: ScheduledPost): string | null {
  if (action === "republish" && isOutcomeUnknown(post)) return "of unknown outcome: publish it again on its own page";
  return refusalOf(action, post);
}

/** "1 post", "5,064 posts". */
export function countOf(posts: { readonly length: number }): string {
  return posts.length === 1 ? "1 post" : `${posts.length.toLocaleString("en")} posts`;
}

/** "Move all 7", "Publish this post now". */
export function commandOf(action: ActionId, what: string): string {
  switch (action) {
    case "publish":
      return `Publish ${what} now`;
    case "republish":
      return `Publish ${what} again`;
    case "takeDown":
      return `Take ${what} down`;
    default:
      return `${ACTIONS[action].label} ${what}`;
  }
}

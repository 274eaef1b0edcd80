import type { FoundPost, PostGroup, WaitReason } from "presswork-client";
import type { Tone } from "../ui/Badge";
import { lookOf } from "./StatusBadge";

/** A row of a list: the posts of one piece of content that are due at one time. */
export interface Row
  extends Pick<PostGroup, "containerId" | "projectId" | "scheduledFor" | "caption" | "thumbnailUrl"> {
  /** Of the content and the time. */
  readonly id: string;
  readonly posts: readonly FoundPost[];
}

/** Returns a group of the API as a row. */
export function rowOf(group: PostGroup): Row {
  return { ...group, id: rowId(group.containerId, group.scheduledFor) };
}

/** Returns the id of the row of some content at a time. */
export function rowId(containerId: string, scheduledFor: string): string {
  return `${containerId}~${Date.parse(scheduledFor)}`;
}

/** Returns how many posts rows have. */
export function postsIn(rows: readonly Pick<Row, "posts">[]): number {
  return rows.reduce((sum, { posts }) => sum + posts.length, 0);
}

/** What a post waits for, in a word or two after "waits". */
const WAITS: Readonly<Record<WaitReason, string>> = {
  approval: " for approval",
  lane: ": another post first",
  rate_limit: ": limit reached",
  retry: ": another try",
  outcome_unknown: ": looked up",
  processing: " for the platform",
  provider: " for the provider",
  setting: ": not set up",
  worker: ": no worker yet",
};

/** How one or several posts stand, in a few words. */
export interface State {
  readonly text: string;
  readonly tone: Tone;
}

/** The worst first. */
const TONES: readonly Tone[] = ["bad", "warn", "accent", "info", "good", "neutral"];

/** What the state of a post is read from. */
export type Stated = Pick<FoundPost, "status" | "gateStatus" | "lastError" | "liveStatus" | "waiting">;

/** Returns how a post stands, to follow a number of posts. */
export function stateOf(post: Stated, count = 1): State {
  const verb = count === 1 ? "waits" : "wait";
  if (post.waiting !== null) return { text: `${verb}${WAITS[post.waiting.reason]}`, tone: "warn" };
  const { label, tone } = lookOf(post);
  return { text: label.toLowerCase().replace(/^waits/, verb), tone };
}

/** Returns how several posts stand: what is wrong with some of them, or else all of it. "1 waits: limit reached". */
export function jointState(posts: readonly Stated[]): State {
  const parts = new Map<string, Stated[]>();
  for (const post of posts) {
    const { text } = stateOf(post);
    parts.set(text, [...(parts.get(text) ?? []), post]);
  }
  const states = [...parts.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { text, tone } = stateOf(first, 1 + others.length);
    return [{ text: `${1 + others.length} ${text}`, tone }];
  });
  states.sort((one, other) => TONES.indexOf(one.tone) - TONES.indexOf(other.tone));
  const tone = states[0]?.tone ?? "neutral";
  const isWrong = tone === "bad" || tone === "warn";
  const said = isWrong ? states.filter((state) => state.tone === tone) : states;
  return { text: said.map(({ text }) => text).join(", "), tone };
}

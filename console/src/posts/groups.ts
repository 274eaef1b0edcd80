import { type CalendarDate, parseAbsolute, toCalendarDate } from "@internationalized/date";
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

/** Rows that are due on the same day. */
export interface Day {
  readonly date: CalendarDate;
  readonly rows: readonly Row[];
}

/** Returns rows by the days of a zone, in their order. */
export function daysOf(rows: readonly Row[], zone: string): readonly Day[] {
  const days: { date: CalendarDate; rows: Row[] }[] = [];
  for (const row of rows) {
    const date = dateOf(row.scheduledFor, zone);
    const day = days.at(-1);
    if (day?.date.compare(date) === 0) day.rows.push(row);
    else days.push({ date, rows: [row] });
  }
  return days;
}

/** Returns the date of an instant in a zone. */
export function dateOf(at: string, zone: string): CalendarDate {
  return toCalendarDate(parseAbsolute(at, zone));
}

/** "Today · Tue 1 December"; with the year if it is another one. */
export function dayName(date: CalendarDate, today: CalendarDate): string {
  const name = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "long",
    ...(date.year !== today.year && { year: "numeric" }),
    timeZone: "UTC",
  })
    .format(date.toDate("UTC"))
    .replace(",", "");
  const near = { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[date.compare(today)];
  return near === undefined ? name : `${near} · ${name}`;
}

/** "12 go out", "1 was due", "3 posts". */
export function dayCount(count: number, date: CalendarDate, today: CalendarDate, isOpen: boolean): string {
  const isOne = count === 1;
  const number = count.toLocaleString("en");
  if (!isOpen) return `${number} ${isOne ? "post" : "posts"}`;
  if (date.compare(today) < 0) return `${number} ${isOne ? "was" : "were"} due`;
  return `${number} ${isOne ? "goes" : "go"} out`;
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
export type Stated = Pick<FoundPost, "status" | "gateStatus" | "lastError" | "waiting">;

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

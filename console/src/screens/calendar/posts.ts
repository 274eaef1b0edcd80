/** The posts and their numbers, as the calendar shows them; with the moves that are on their way. */

import type { FoundPost, PostSummary, ScheduledPost, Status, StatusCounts } from "presswork-client";
import { dayOf } from "./dates";

/** What a calendar is about. A canceled post is not going to happen on any day. */
export const STATUSES = ["queued", "publishing", "published", "draft", "failed"] as const satisfies readonly Status[];
/** Up to this many posts, a week is read at once; from a week with more, each day reads only what it shows. */
export const POSTS_PER_WEEK = 50;
/** How many posts a day of a month shows; one more if that is all. */
export const POSTS_PER_DAY = 3;

/** A row of the list; or a post that was read alone, which has no text. */
export type CalendarPost = ScheduledPost & Partial<Pick<FoundPost, "account" | "caption" | "thumbnailUrl">>;
export type Counts = Readonly<Partial<StatusCounts>>;
export type CountsByDay = ReadonlyMap<string, Counts>;

/** A move that the server does not show yet. */
export interface Move {
  readonly post: CalendarPost;
  readonly to: string;
}

/** Returns the numbers of each day, of one account or all. */
export function countsByDay(summary: PostSummary, account: string | undefined): CountsByDay {
  const days =
    account === undefined
      ? summary.days
      : (summary.accounts.find((one) => one.socialAccountId === account)?.days ?? []);
  return new Map(days.map(({ date, counts }) => [date, counts]));
}

/** Returns the number of posts of a day; canceled ones are not counted. */
export function totalOf(counts: Counts | undefined): number {
  return STATUSES.reduce((sum, status) => sum + (counts?.[status] ?? 0), 0);
}

/** Returns the numbers as they will be after the moves. */
export function countsAfter(before: CountsByDay, moves: readonly Move[], zone: string): CountsByDay {
  if (moves.length === 0) return before;
  const after = new Map(before);
  const add = (day: string, amount: number) => {
    const counts = after.get(day) ?? {};
    after.set(day, { ...counts, queued: Math.max(0, (counts.queued ?? 0) + amount) });
  };
  for (const { post, to } of moves) {
    add(dayOf(post.scheduledFor, zone), -1);
    add(dayOf(to, zone), 1);
  }
  return after;
}

/** Returns the last move of each post, from its first time to its last one. */
export function lastMoves(moves: readonly Move[]): readonly Move[] {
  const last = new Map<string, Move>();
  for (const move of moves) last.set(move.post.id, { post: last.get(move.post.id)?.post ?? move.post, to: move.to });
  return [...last.values()];
}

/** Returns the posts of a span in order, after the moves. Those moved away are not there, those moved there are. */
export function postsAfter(
  posts: readonly CalendarPost[],
  moves: readonly Move[],
  isHere: (instant: string) => boolean,
): readonly CalendarPost[] {
  const moved = new Set(moves.map(({ post }) => post.id));
  const arrived = moves.filter(({ to }) => isHere(to)).map(({ post, to }) => ({ ...post, scheduledFor: to }));
  const stayed = posts.filter(({ id, scheduledFor }) => !moved.has(id) && isHere(scheduledFor));
  return [...stayed, ...arrived].toSorted((one, other) =>
    one.scheduledFor === other.scheduledFor
      ? one.id.localeCompare(other.id)
      : one.scheduledFor.localeCompare(other.scheduledFor),
  );
}

/** Returns "12 posts: 10 queued, 2 failed". */
export function countsSentence(counts: Counts | undefined): string {
  const total = totalOf(counts);
  if (total === 0) return "no posts";
  const parts = STATUSES.filter((status) => (counts?.[status] ?? 0) > 0).map((status) =>
    countIn(status, counts?.[status] ?? 0),
  );
  return `${total === 1 ? "1 post" : `${total.toLocaleString("en")} posts`}: ${parts.join(", ")}`;
}

function countIn(status: Status, count: number): string {
  if (status !== "draft") return `${count} ${status}`;
  return count === 1 ? "1 draft delivered" : `${count} drafts delivered`;
}

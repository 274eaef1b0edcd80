/** The rows of the calendar, and the numbers of posts; with the moves that are on their way. */

import type { FoundPost, PostSummary, ScheduledPost } from "presswork-client";
import type { Counts } from "../../posts/dayCounts";
import { type Row, rowId } from "../../posts/groups";
import { dayOf } from "./dates";

/** Up to this many posts, a week is read at once, in a page of as many rows; of a week with more, each day reads only what it shows. */
export const POSTS_PER_WEEK = 100;

export type CountsByDay = ReadonlyMap<string, Counts>;

/** A move that the server does not show yet. */
export interface Move {
  readonly post: ScheduledPost;
  readonly to: string;
  /** The slot of its queue that it takes there, if it does. */
  readonly slotAt?: string | undefined;
}

/** Returns the numbers of each day, of one account or all. */
export function countsByDay(summary: PostSummary, account: string | undefined): CountsByDay {
  const days =
    account === undefined
      ? summary.days
      : (summary.accounts.find((one) => one.socialAccountId === account)?.days ?? []);
  return new Map(days.map(({ date, counts }) => [date, counts]));
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

/** Returns the rows of a span in order, after the moves. Posts that moved away are not in them, those that moved there are. */
export function rowsAfter(
  rows: readonly Row[],
  moves: readonly Move[],
  isHere: (instant: string) => boolean,
): readonly Row[] {
  const moved = new Set(moves.map(({ post }) => post.id));
  const after = new Map<string, Row>();
  for (const row of rows) {
    if (!isHere(row.scheduledFor)) continue;
    const posts = row.posts.filter(({ id }) => !moved.has(id));
    if (posts.length > 0) after.set(row.id, posts.length === row.posts.length ? row : { ...row, posts });
  }
  for (const { post, to } of moves) {
    if (!isHere(to) || !isFound(post)) continue;
    const { containerId, projectId, caption, thumbnailUrl } = post;
    const id = rowId(containerId, to);
    const row = after.get(id) ?? { id, containerId, projectId, caption, thumbnailUrl, scheduledFor: to, posts: [] };
    after.set(id, { ...row, posts: [...row.posts, { ...post, scheduledFor: to }] });
  }
  return [...after.values()].toSorted((one, other) =>
    one.scheduledFor === other.scheduledFor
      ? one.id.localeCompare(other.id)
      : one.scheduledFor.localeCompare(other.scheduledFor),
  );
}

/** Whether a list has a post, which then has its texts and account; one that was read alone has not. */
export function isFound(post: ScheduledPost): post is FoundPost {
  return "account" in post;
}

/** Returns the posts of a row that can be moved. */
export function movable({ posts }: Pick<Row, "posts">): readonly FoundPost[] {
  return posts.filter(({ status }) => status === "queued");
}

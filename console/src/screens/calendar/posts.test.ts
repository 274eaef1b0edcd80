import type { ScheduledPost } from "presswork-client";
import { describe, expect, test } from "vitest";
import { countsAfter, countsSentence, lastMoves, postsAfter, totalOf } from "./posts";

const post = (id: string, scheduledFor: string) => ({ id, scheduledFor }) as ScheduledPost;
const [EARLY, LATE, NEXT] = ["2026-11-27T08:00:00.000Z", "2026-11-27T22:30:00.000Z", "2026-11-28T23:30:00.000Z"];
const isOn = (date: string) => (at: string) => at.startsWith(date);

describe("moves that the server does not show yet", () => {
  test("the day that a post leaves loses it, the other one has it in order", () => {
    const posts = [post("a", EARLY), post("b", LATE)];
    const moves = [{ post: post("a", EARLY), to: NEXT }];
    expect(postsAfter(posts, moves, isOn("2026-11-27")).map(({ id }) => id)).toEqual(["b"]);
    expect(postsAfter([post("z", "2026-11-28T23:59:00.000Z")], moves, isOn("2026-11-28")).map(({ id }) => id)).toEqual([
      "a",
      "z",
    ]);
  });

  test("numbers follow by the local day", () => {
    const before = new Map([["2026-11-27", { queued: 3, failed: 1 }]]);
    const after = countsAfter(before, [{ post: post("b", EARLY), to: LATE }], "Asia/Tokyo");
    expect(after.get("2026-11-27")).toEqual({ queued: 2, failed: 1 });
    expect(after.get("2026-11-28")).toEqual({ queued: 1 });
  });

  test("of two moves of a post, the last one counts, from where the post was", () => {
    const moves = lastMoves([
      { post: post("a", EARLY), to: LATE },
      { post: post("a", LATE), to: NEXT },
    ]);
    expect(moves).toEqual([{ post: post("a", EARLY), to: NEXT }]);
  });
});

test("a sentence counts what is not canceled", () => {
  const counts = { queued: 10, failed: 2, canceled: 7, draft: 0 };
  expect([totalOf(counts), countsSentence(counts)]).toEqual([12, "12 posts: 10 queued, 2 failed"]);
  expect([totalOf(undefined), countsSentence({ canceled: 1 })]).toEqual([0, "no posts"]);
  expect(countsSentence({ draft: 1 })).toBe("1 post: 1 draft delivered");
  expect(countsSentence({ draft: 2 })).toBe("2 posts: 2 drafts delivered");
});

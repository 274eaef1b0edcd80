import { expect, test } from "vitest";
import { countsSentence, totalOf } from "./dayCounts";

test("a sentence counts what is not canceled", () => {
  const counts = { queued: 10, failed: 2, canceled: 7, draft: 0 };
  expect([totalOf(counts), countsSentence(counts)]).toEqual([12, "12 posts: 10 queued, 2 failed"]);
  expect([totalOf(undefined), countsSentence({ canceled: 1 })]).toEqual([0, "no posts"]);
  expect(countsSentence({ draft: 1 })).toBe("1 post: 1 draft delivered");
  expect(countsSentence({ draft: 2 })).toBe("2 posts: 2 drafts delivered");
});

import type { Status } from "presswork-client";
import { expect, test } from "vitest";
import { postedSentence } from "./postedSentence";

const NOW = new Date("2026-12-01T09:00:00Z");
const say = (statuses: readonly Status[], { count = statuses.length, scheduledFor = "2026-12-01T09:00:00Z" } = {}) =>
  postedSentence(
    statuses.map((status) => ({ status, scheduledFor })),
    count,
    NOW,
  );

test("the sentence follows the posts", () => {
  expect(say([], { count: 7 })).toBe("7 posts are on their way.");
  expect(say(["queued", "publishing"])).toBe("2 posts are on their way.");
  expect(say(["queued", "queued"], { scheduledFor: "2026-12-02T09:00:00Z" })).toBe("2 posts are scheduled.");
  expect(say(["published", "publishing", "queued"])).toBe("Of 3 posts: 1 live, 2 on the way.");
  expect(say(["published", "published"])).toBe("2 posts are live.");
  expect(say(["published", "failed"])).toBe("Of 2 posts: 1 live, 1 failed.");
});

test("one post is not counted", () => {
  const one: readonly Status[] = ["queued", "published", "failed", "draft", "canceled"];
  expect(one.map((status) => say([status]))).toEqual([
    "The post is on its way.",
    "The post is live.",
    "The post failed.",
    "The post is on the creator's phone.",
    "The post is canceled.",
  ]);
});

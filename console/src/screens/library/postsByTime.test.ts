import type { FoundPost } from "presswork-client";
import { expect, test } from "vitest";
import { postsByTime } from "./postsByTime";

const post = (id: string, day: number, status: FoundPost["status"]) =>
  ({ id, status, scheduledFor: `2026-12-0${day}T08:00:00.000Z` }) as FoundPost;

test("posts of a time are together; the next to go out come first, then the latest that did", () => {
  const posts = [
    post("a", 1, "published"),
    post("b", 2, "failed"),
    post("c", 4, "queued"),
    post("d", 3, "queued"),
    post("e", 4, "canceled"),
    post("f", 1, "published"),
  ];
  expect(postsByTime(posts).map(({ posts: some }) => some.map(({ id }) => id).join(""))).toEqual([
    "d",
    "ce",
    "b",
    "af",
  ]);
});

import type { ScheduledPost } from "presswork-client";
import { expect, test } from "vitest";
import { targetOf } from "./repeat";

const POST = {
  id: "sp_1",
  socialAccountId: "sa_1",
  mode: "publish",
  captionOverride: null,
  firstCommentOverride: "",
  instagramPostSettings: { placement: "feed" },
  tiktokPostSettings: null,
  shareReelToFeed: false,
  autoSplit: null,
} as unknown as ScheduledPost;

test("a post is repeated with its options and its own texts, else with those that are typed", () => {
  expect(targetOf(POST, { caption: "Typed", firstComment: "Typed" })).toEqual({
    socialAccountId: "sa_1",
    mode: "publish",
    captionOverride: "Typed",
    firstCommentOverride: "",
    instagramPostSettings: { placement: "feed" },
    shareReelToFeed: false,
  });
  expect(targetOf({ ...POST, captionOverride: "Own" }, {})).toMatchObject({ captionOverride: "Own" });
  expect(targetOf({ ...POST, firstCommentOverride: null }, {})).not.toHaveProperty("firstCommentOverride");
});

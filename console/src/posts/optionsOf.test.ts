import type { ScheduledPost } from "presswork-client";
import { expect, test } from "vitest";
import { optionsOf } from "./optionsOf";

const NONE = { tiktokMusic: null, shareReelToFeed: null } as ScheduledPost;

test("options of every platform are read, whatever its field is called", () => {
  const post = {
    ...NONE,
    instagramPostSettings: null,
    threadsPostSettings: { topicTag: "Bread", isSpoilerMedia: true },
    blueskyPostSettings: { replyControl: ["followers", "mentioned"], tags: null },
    tiktokPostSettings: { privacyLevel: "PUBLIC_TO_EVERYONE", title: "A_loaf" },
  } as ScheduledPost;
  expect(optionsOf(post)).toEqual([
    ["Topic tag", "Bread"],
    ["Spoiler media", "Yes"],
    ["Reply control", "followers, mentioned"],
    ["Privacy level", "Public to everyone"],
    ["Title", "A_loaf"],
  ]);
});

test("a flag of its own, and the music, are options too; without any there are none", () => {
  expect(optionsOf({ ...NONE, shareReelToFeed: false, tiktokMusic: { mode: "auto" } })).toEqual([
    ["Share Reel to feed", "No"],
    ["Music: mode", "auto"],
  ]);
  expect(optionsOf(NONE)).toEqual([]);
});

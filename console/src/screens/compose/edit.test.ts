import { describe, expect, it } from "vitest";
import { editOf } from "./edit";

const POST = { captionOverride: "Own", firstCommentOverride: null, revision: 3 };

describe("the edit of a post", () => {
  it("has only what a person changed, and keeps members that the form does not know", () => {
    const stored = { ...POST, tiktokPostSettings: { privacyLevel: "SELF_ONLY", title: null, unknown: 7 } };
    const before = { captionOverride: "Own", tiktokPostSettings: { privacyLevel: "SELF_ONLY" } };
    const after = { captionOverride: "New", tiktokPostSettings: { privacyLevel: "PUBLIC_TO_EVERYONE" } };
    expect(editOf(stored, before, after)).toEqual({
      captionOverride: "New",
      tiktokPostSettings: { privacyLevel: "PUBLIC_TO_EVERYONE", unknown: 7 },
    });
    expect(editOf(stored, before, before)).toEqual({});
  });

  it("removes an override, and an option that has no member left, with null", () => {
    const stored = { ...POST, shareReelToFeed: false, threadsPostSettings: { topicTag: "bread" } };
    const before = { captionOverride: "Own", shareReelToFeed: false, threadsPostSettings: { topicTag: "bread" } };
    expect(editOf(stored, before, {})).toEqual({
      captionOverride: null,
      shareReelToFeed: null,
      threadsPostSettings: null,
    });
  });
});

import type { LastError, TimelineItem } from "presswork-client";
import { describe, expect, test } from "vitest";
import { personText } from "../api/personText";
import { cureOf, failedByItself, failureSentence } from "./failureSentence";
import { timelineSentence } from "./timelineSentence";

const error = (code: LastError["code"], message: string, step = "prepare"): LastError => ({
  code,
  message,
  step,
  platformCode: null,
  platformMessage: null,
  at: "2026-12-01T12:00:00.000Z",
});

describe("what a person reads", () => {
  test.each([
    [
      "The caption has 2,301 characters; Instagram accepts 2,200. Shorten it (captionOverride sets one for this target alone), then publish again.",
      "The caption has 2,301 characters; Instagram accepts 2,200. Shorten it, then publish again.",
    ],
    [
      "Instagram answered (9007/2207026): “Media could not be processed”. Nothing was posted. Publish another file.",
      "Instagram answered: “Media could not be processed”. Nothing was posted. Publish another file.",
    ],
    [
      "Presswork continues at 2026-11-24 18:30:05 UTC (in 2 hours).",
      "Presswork continues at 2026-11-24 18:30:05 UTC (in 2 hours).",
    ],
    [
      "Published again from sp_019aa2f4-6e9c-7000-8000-000000000000, which failed. Due now.",
      "Published again from another post, which failed. Due now.",
    ],
    [
      "The post is not live. Set PRESSWORK_PUBLIC_URL. Then publish again.",
      "The post is not live. Then publish again.",
    ],
    ["Instagram answered (code 25/2207050): “Restricted”.", "Instagram answered: “Restricted”."],
    ["LinkedIn, TikTok and YouTube keep their names.", "LinkedIn, TikTok and YouTube keep their names."],
  ])("%s", (text, shown) => {
    expect(personText(text)).toBe(shown);
  });

  test.each([
    "PRESSWORK_PUBLIC_URL was not set for two days. Set it, then publish again.",
    "TikTok answered “spam_risk_too_many_posts”.",
    "`targets[0].mode` is required. Add it.",
    "It answered HTTP 503.",
  ])("is not: %s", (text) => {
    expect(personText(text)).toBeNull();
  });
});

test("a failure has our sentence where the server's has names of settings", () => {
  const sentence = failureSentence(error("INTERNAL", "PRESSWORK_PUBLIC_URL was not set for two days."), "instagram");
  expect(sentence).toBe(
    "Something is wrong with Presswork or its set-up. Nothing is live. Ask an administrator, then publish again.",
  );
  expect(failureSentence(error("PLATFORM_REJECTED", "It looks like spam."), "tiktok")).toBe("It looks like spam.");
});

describe("how a post that failed is cured", () => {
  const failed = (lastError: LastError, captionOverride: string | null = null) =>
    ({ status: "failed", lastError, captionOverride }) as const;

  test("by other texts, if its text was the cause", () => {
    const post = failed(error("PLATFORM_LIMIT", "The caption has 2,301 characters; Instagram accepts 2,200."));
    expect([failedByItself(post), cureOf(post)]).toEqual([true, "texts"]);
  });

  test.each([
    failed(error("MEDIA_REJECTED", "It does not support this.")),
    failed(error("PLATFORM_LIMIT", "The video is 95 s; Instagram accepts 90 s.")),
    failed(error("PLATFORM_LIMIT", "Options are refused.", "options")),
    failed(error("PLATFORM_LIMIT", "The caption is too long."), "Its own"),
  ])("by another post, if files, options or its own text were the cause", (post) => {
    expect(cureOf(post)).toBe("post");
  });

  test("by a repetition, if the platform was the cause", () => {
    expect(cureOf(failed(error("PLATFORM_UNAVAILABLE", "It did not answer.")))).toBeNull();
  });
});

test("a timeline names no worker and no code", () => {
  const item = (event: TimelineItem["event"], message: string) =>
    timelineSentence({ at: "2026-12-01T12:00:00Z", event, message, detail: {} }, "instagram");
  expect(item("claimed", "Worker vm-27692-179a96 claimed the post.")).toBe("Publishing started.");
  expect(
    item(
      "claimed",
      "Worker a-1 claimed the post. It was due at 2026-11-24 23:35:25 UTC and waited behind other posts of this account.",
    ),
  ).toBe("Publishing started. It was due at 2026-11-24 23:35:25 UTC and waited behind other posts of this account.");
  expect(item("going_live", "Calls `media_publish`.")).toBe("Instagram was asked to publish it.");
  expect(item("taking_down", "Presswork takes the post down: Sold out")).toBe(
    "Presswork takes the post down: Sold out",
  );
  expect(item("gone", "GET /v1/media answered 404.")).toBe("It was deleted on Instagram before.");
  expect(
    item("take_down_failed", "Not taken down. Open the post, tap ⋯ and choose Delete. https://www.instagram.com/p/1/"),
  ).toBe("Not taken down.");
  expect(item("edited_live", "`caption` is live.")).toBe("It was changed on Instagram.");
});

import { describe, expect, test } from "vitest";
import { captionCounters, characters, hashtags, isOver, mentions } from "./counting";

describe("texts are counted as the platforms count", () => {
  test("Instagram counts code points, TikTok UTF-16 units", () => {
    const text = "Grüße 🥐🥐";
    expect(characters(text)).toBe(8);
    expect(captionCounters(text, "instagram", "publish", "image")[0]?.used).toBe(8);
    expect(captionCounters(text, "tiktok", "publish", "image")[0]?.used).toBe(10);
  });

  test("hashtags and mentions in any script; an entity and an e-mail address are none", () => {
    expect(hashtags("#brot #größe #パン &#39; a#b #")).toBe(3);
    expect(mentions("@mira.paints, @jonas! ada@example.com")).toBe(2);
  });

  test("pictures have more room on TikTok than a video, and the draft of a video has no text", () => {
    const limit = (mode: "publish" | "draft", type: "video" | "multi") =>
      captionCounters("", "tiktok", mode, type).map((one) => [one.platform, one.limit]);
    expect(limit("publish", "video")).toEqual([["tiktok", 2200]]);
    expect(limit("publish", "multi")).toEqual([["tiktok", 4000]]);
    expect(limit("draft", "video")).toEqual([[null, 2200]]);
  });

  test("one too many is over", () => {
    const [at] = captionCounters("x".repeat(2200), "instagram", "publish", "image");
    const [over] = captionCounters("x".repeat(2201), "instagram", "publish", "image");
    expect([at && isOver(at), over && isOver(over)]).toEqual([false, true]);
  });
});

import { describe, expect, test } from "vitest";
import { bytes, characters, graphemes, hashtags, links, mentions } from "../../platforms/texts";
import { captionCounters, commentCounters, isOver } from "./counting";

describe("texts are counted as the platforms count", () => {
  test("Instagram counts code points, TikTok UTF-16 units", () => {
    const text = "Grüße 🥐🥐";
    expect(characters(text)).toBe(8);
    expect(captionCounters(text, "instagram", "publish", "image")[0]?.used).toBe(8);
    expect(captionCounters(text, "tiktok", "publish", "image")[0]?.used).toBe(10);
  });

  test("Bluesky counts what people see, Threads and YouTube bytes", () => {
    const family = "👨‍👩‍👧‍👦 é";
    expect([graphemes(family), characters(family), bytes("é’🥐")]).toEqual([3, 9, 9]);
    const first = (platform: "bluesky" | "threads" | "youtube", text: string) =>
      captionCounters(text, platform, "publish", "video")[0];
    expect(first("bluesky", family)).toMatchObject({ unit: "characters", used: 3, limit: 300 });
    expect(first("threads", "’".repeat(167))).toMatchObject({ unit: "bytes", used: 501, limit: 500 });
    expect(first("youtube", "ü")).toMatchObject({ unit: "bytes", used: 2, limit: 5000 });
  });

  test("X weighs a link 23, an emoji and a letter of Chinese, Japanese or Korean two", () => {
    const used = (text: string) => captionCounters(text, "x", "publish", "text")[0]?.used;
    expect(["Grüße’", "麺🥐", "👨‍👩‍👧‍👦é"].map(used)).toEqual([6, 4, 3]);
    expect(["See https://bakery.example/menu.", "bakery.de, 2.5 kg, e.g. a@b.com"].map(used)).toEqual([28, 45]);
    expect(captionCounters("", "x", "publish", "text")[0]?.limit).toBe(280);
  });

  test("a counter that is far from its limit is not shown, and other modes have the content's", () => {
    const shown = (text: string) =>
      captionCounters(text, "bluesky", "publish", "image").flatMap((one) => (one.isShown ? one.unit : []));
    expect(shown("Bread")).toEqual(["characters"]);
    expect(shown("👨‍👩‍👧‍👦".repeat(100))).toEqual(["characters", "bytes"]);
    expect(captionCounters("Bread", "threads", "managed", "image").map((one) => one.platform)).toEqual([null]);
  });

  test("the first comment is counted where a platform has one", () => {
    expect(commentCounters("ü", "threads")[0]).toMatchObject({ unit: "bytes", used: 2 });
    expect(commentCounters("ü", "tiktok")).toEqual([]);
  });

  test("equal links count once", () => {
    expect(links("https://a.example/1 http://b.example https://a.example/1")).toBe(2);
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
    expect(limit("draft", "video")).toEqual([[null, 63206]]);
  });

  test("a text of content may be as long as the platform takes it, that of one account as the API does", () => {
    const limit = (ofAPI?: number) => captionCounters("", "facebook", "publish", "text", ofAPI)[0]?.limit;
    expect([limit(), limit(4000)]).toEqual([63206, 4000]);
  });

  test("one too many is over", () => {
    const [at] = captionCounters("x".repeat(2200), "instagram", "publish", "image");
    const [over] = captionCounters("x".repeat(2201), "instagram", "publish", "image");
    expect([at && isOver(at), over && isOver(over)]).toEqual([false, true]);
  });
});

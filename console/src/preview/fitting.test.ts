import { expect, test } from "vitest";
import { cropSentence, cutCaption, fitOf, layoutOf, type ShownFile } from "./fitting";

const file = (width: number, height: number) => ({ width, height, contentType: "image/jpeg" }) as ShownFile;

test("a carousel is cropped to its first picture, and the sentence names what is lost", () => {
  const files = [file(1000, 1000), file(2000, 1000), file(1000, 2000), file(500, 503)];
  const fits = files.map((_, at) => fitOf("instagram", "feed", files, at));
  expect(fits.map((fit) => [fit.isCropped, fit.lostPercent, fit.sides])).toEqual([
    [false, 0, null],
    [true, 50, "left and right"],
    [true, 50, "top and bottom"],
    [false, 0, null],
  ]);
  expect(cropSentence(fitOf("instagram", "feed", files, 1), "instagram")).toBe(
    "Instagram crops 50 % of this picture: left and right.",
  );
});

test("a full screen shows everything between bars", () => {
  expect(fitOf("tiktok", "fullScreen", [file(1000, 500)], 0)).toMatchObject({ frame: 9 / 16, isCropped: false });
});

test("a caption is cut at a word, or after two lines", () => {
  expect(cutCaption("Short", "feed")).toEqual({ shown: "Short", isCut: false });
  const long = cutCaption("word ".repeat(60), "feed");
  expect(long.isCut).toBe(true);
  expect(long.shown.length).toBeLessThanOrEqual(125);
  expect(long.shown.endsWith("word")).toBe(true);
  expect(cutCaption("one\ntwo\nthree", "feed")).toEqual({ shown: "one\ntwo", isCut: true });
});

test("a story fills the screen; a post of pictures is in the feed", () => {
  expect(layoutOf("instagram", [file(720, 1280)], true)).toBe("story");
  expect(layoutOf("instagram", [file(720, 1280), file(720, 1280)], false)).toBe("feed");
});

test("YouTube shows a brief upright video as a Short, others below each other; Threads shows a whole text", () => {
  const video = (width: number, height: number, durationSeconds: number) =>
    ({ width, height, durationSeconds, contentType: "video/mp4" }) as ShownFile;
  const layout = (file: ShownFile) => layoutOf("youtube", [file], false);
  expect([layout(video(720, 1280, 180)), layout(video(720, 1280, 181)), layout(video(1280, 720, 9))]).toEqual([
    "fullScreen",
    "watch",
    "watch",
  ]);
  expect(fitOf("threads", "thread", [file(1000, 1000), file(2000, 1000)], 1).isCropped).toBe(false);
  expect(cutCaption("one\ntwo\nthree\nfour", "thread")).toEqual({ shown: "one\ntwo\nthree\nfour", isCut: false });
});

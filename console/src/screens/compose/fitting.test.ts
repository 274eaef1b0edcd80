import { expect, test } from "vitest";
import type { DraftFile } from "./draft";
import { cropSentence, cutCaption, fitOf } from "./fitting";

const file = (width: number, height: number) => ({ width, height, contentType: "image/jpeg" }) as DraftFile;

test("a carousel is cropped to its first picture, and the sentence names what is lost", () => {
  const files = [file(1000, 1000), file(2000, 1000), file(1000, 2000), file(500, 503)];
  const fits = files.map((_, at) => fitOf("feed", files, at));
  expect(fits.map((fit) => [fit.isCropped, fit.lostPercent, fit.sides])).toEqual([
    [false, 0, null],
    [true, 50, "left and right"],
    [true, 50, "top and bottom"],
    [false, 0, null],
  ]);
  expect(cropSentence(fitOf("feed", files, 1), "instagram")).toBe(
    "Instagram crops 50 % of this picture: left and right.",
  );
});

test("a full screen shows everything between bars", () => {
  expect(fitOf("fullScreen", [file(1000, 500)], 0)).toMatchObject({ frame: 9 / 16, isCropped: false });
});

test("a caption is cut at a word, or after two lines", () => {
  expect(cutCaption("Short", "feed")).toEqual({ shown: "Short", isCut: false });
  const long = cutCaption("word ".repeat(60), "feed");
  expect(long.isCut).toBe(true);
  expect(long.shown.length).toBeLessThanOrEqual(125);
  expect(long.shown.endsWith("word")).toBe(true);
  expect(cutCaption("one\ntwo\nthree", "feed")).toEqual({ shown: "one\ntwo", isCut: true });
});

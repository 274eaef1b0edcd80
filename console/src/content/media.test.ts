import type { MediaItem } from "presswork-client";
import { expect, test } from "vitest";
import { duration, extent, fileFacts, fileSize } from "./media";

const PICTURE: MediaItem = {
  id: "ast_1",
  contentType: "image/jpeg",
  sizeBytes: 1_887_437,
  sha256: null,
  width: 1080,
  height: 1350,
  durationSeconds: null,
  videoCodec: null,
  audioCodec: null,
  pages: null,
  filename: null,
  altText: null,
  url: null,
  urlExpiresAt: null,
  thumbnailUrl: null,
  posterUrl: null,
};
const VIDEO = {
  ...PICTURE,
  contentType: "video/quicktime",
  durationSeconds: 14.4,
  videoCodec: "h264",
  audioCodec: "aac",
};

test("sizes", () => {
  expect([12, 2_048, 1_887_437].map(fileSize)).toEqual(["12 bytes", "2 kB", "1.8 MB"]);
});

test("durations", () => {
  expect([0.4, 14.4, 59.6, 3725].map(duration)).toEqual(["0:00", "0:14", "1:00", "1:02:05"]);
});

test("facts of a file", () => {
  expect(fileFacts(PICTURE)).toBe("JPEG · 1080 × 1350 · 1.8 MB");
  expect(fileFacts(VIDEO)).toBe("MOV (h264, aac) · 1080 × 1350 · 0:14 · 1.8 MB");
});

test("what a thumbnail does not show", () => {
  expect(extent({ mediaType: "image", media: [PICTURE] })).toBeNull();
  expect(extent({ mediaType: "multi", media: [PICTURE, PICTURE] })).toBe("2 pictures");
  expect(extent({ mediaType: "video", media: [VIDEO] })).toBe("0:14");
});

import type { Content, ScheduledPost } from "presswork-client";
import { expect, test } from "vitest";
import { changesOf, fieldsOf, liveValuesOf, schemaOf } from "./liveEdit";

const CONTENT = { caption: "Warm bread\nEvery day", firstComment: null, mediaType: "video" } as unknown as Content;
const video = (youtubePostSettings: unknown) =>
  ({ platform: "youtube", captionOverride: null, firstCommentOverride: null, youtubePostSettings }) as ScheduledPost;

test("the fields have what is live now, and only what was changed is sent", () => {
  const live = liveValuesOf(video({ privacy: "unlisted" }), CONTENT);
  expect(live).toEqual({ caption: "Warm bread\nEvery day", title: "Warm bread", privacyLevel: "unlisted" });
  expect(liveValuesOf(video({ title: "Bread" }), CONTENT)).toMatchObject({ title: "Bread", privacyLevel: "" });
  expect(changesOf(live, live)).toEqual({});
  expect(changesOf(live, { ...live, privacyLevel: "private" })).toEqual({ privacyLevel: "private" });
  expect(changesOf(live, { ...live, title: "", caption: "" })).toEqual({ caption: "" });
});

test("a field has the limits and choices of its option, and only a video has a title", () => {
  expect(schemaOf(video(null), "title").maxLength).toBe(100);
  expect(schemaOf(video(null), "privacyLevel").enum).toEqual(["public", "unlisted", "private"]);
  expect(schemaOf(video(null), "caption")).toEqual({});
  expect(fieldsOf({ mediaType: "video" }, ["caption", "title"])).toEqual(["caption", "title"]);
  expect(fieldsOf({ mediaType: "image" }, ["caption", "title"])).toEqual(["caption"]);
});

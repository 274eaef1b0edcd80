import type { Content } from "presswork-client";
import { describe, expect, test } from "vitest";
import { changesOf, consequence, textsOf } from "./edits";
import { NO_LINK } from "./links";

const CONTENT = {
  caption: "Bread",
  firstComment: null,
  link: null,
  labels: ["Autumn"],
  approvalStatus: "approved",
  approvalCovers: "content_and_text",
  media: [
    { id: "ast_1", altText: null },
    { id: "ast_2", altText: "A loaf" },
  ],
} as unknown as Content;

describe("changes", () => {
  test("what is the same is not sent", () => {
    expect(changesOf(CONTENT, textsOf(CONTENT))).toEqual({});
  });

  test("an empty text is none, and files are named by their ids", () => {
    expect(
      changesOf(CONTENT, {
        caption: "Rolls",
        parts: [],
        firstComment: "Open",
        altTexts: ["", ""],
        link: NO_LINK,
        labels: [],
      }),
    ).toEqual({
      labels: [],
      caption: "Rolls",
      firstComment: "Open",
      media: [{ assetId: "ast_2", altText: null }],
    });
  });

  test("parts are sent as a whole, each with its files", () => {
    const parts = [
      { text: "Rolls", media: [{ id: "ast_2" }] },
      { text: "", media: [{ id: "ast_1" }] },
    ];
    const thread = { ...CONTENT, parts } as unknown as Content;
    expect(changesOf(thread, textsOf(thread))).toEqual({});
    expect(changesOf(thread, { ...textsOf(thread), parts: ["Rolls", "Bread"] })).toEqual({
      parts: [
        { text: "Rolls", media: [{ assetId: "ast_2", altText: "A loaf" }] },
        { text: "Bread", media: [{ assetId: "ast_1", altText: null }] },
      ],
    });
  });
});

describe("the change of a link", () => {
  const link = {
    url: "https://a.example/",
    title: "Menu",
    description: null,
    imageUrl: "https://a.example/1.jpg",
    thumbnailUrl: "/media/1",
  };
  const text = { ...CONTENT, media: [], link } as Content;
  const before = textsOf(text);

  test("another page is read from scratch, and keeps what was typed", () => {
    const typed = { ...before.link, url: "https://b.example/", description: "Six loaves" };
    expect(changesOf(text, { ...before, link: typed })).toEqual({
      link: { url: "https://b.example/", description: "Six loaves" },
    });
  });

  test("what stays of the card is sent with the rest, unless its picture could not be read", () => {
    const typed = { ...before, link: { ...before.link, title: "Spring menu" } };
    const shown = { url: link.url, title: "Spring menu", imageUrl: link.imageUrl };
    expect(changesOf(text, typed)).toEqual({ link: shown });
    const unread = { ...text, link: { ...link, thumbnailUrl: null } };
    expect(changesOf(unread, typed)).toEqual({ link: { url: link.url, title: "Spring menu" } });
  });

  test("an empty address removes it", () => {
    expect(changesOf(text, { ...before, link: { ...before.link, url: " " } })).toEqual({ link: null });
  });
});

describe("the consequence", () => {
  test("of an edit that the approval covers", () => {
    expect(consequence(CONTENT, 2)).toEqual({
      text: "The approval covers these texts. When you save, it is taken back, and the content waits for approval again. Until then, the 2 posts that are queued wait.",
      isReopened: true,
    });
  });

  test("of others", () => {
    const free = { ...CONTENT, approvalCovers: "content" } as Content;
    expect(consequence(free, 0)).toBeNull();
    expect(consequence(free, 1)?.text).toBe("The 1 post that is queued will go out with the new texts.");
  });
});

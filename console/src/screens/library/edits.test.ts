import type { Content } from "presswork-client";
import { describe, expect, test } from "vitest";
import { changesOf, consequence, textsOf } from "./edits";

const CONTENT = {
  caption: "Bread",
  firstComment: null,
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
    expect(changesOf(CONTENT, { caption: "Rolls", firstComment: "Open", altTexts: ["", ""] })).toEqual({
      caption: "Rolls",
      firstComment: "Open",
      media: [{ assetId: "ast_2", altText: null }],
    });
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

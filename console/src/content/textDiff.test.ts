import { describe, expect, test } from "vitest";
import { diffTexts, type Piece } from "./textDiff";

const marked = (pieces: readonly Piece[]) => pieces.map(({ text, isOwn }) => (isOwn ? `[${text}]` : text)).join("");

describe("two texts", () => {
  test.each([
    ["same words", "same words", "same words", "same words"],
    ["Warm bread at six", "Warm bread at seven", "Warm bread at [six]", "Warm bread at [seven]"],
    ["Bread", "Fresh Bread", "Bread", "[Fresh ]Bread"],
    ["One two three", "One three", "One [two ]three", "One three"],
    ["", "New", "", "[New]"],
    ["Old", "", "[Old]", ""],
  ])("%j and %j", (before, after, left, right) => {
    const diff = diffTexts(before, after);
    expect([marked(diff.before), marked(diff.after)]).toEqual([left, right]);
  });

  test("put together, the pieces are the texts", () => {
    const [before, after] = ["  Line one\n\nline two ", "Line one\nline three\n"];
    const diff = diffTexts(before, after);
    expect([diff.before, diff.after].map((pieces) => pieces.map(({ text }) => text).join(""))).toEqual([before, after]);
  });
});

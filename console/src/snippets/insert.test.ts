import { expect, test } from "vitest";
import { inserted, slashBefore } from "./insert";

test("a slash opens the snippets only where a word begins", () => {
  expect(slashBefore("/", 1)).toEqual({ start: 0, end: 1 });
  expect(slashBefore("Rye /", 5)).toEqual({ start: 4, end: 5 });
  expect(slashBefore("https:/", 7)).toBeNull();
  expect(slashBefore("and/or", 4)).toBeNull();
});

test("a snippet takes the place of the slash", () => {
  expect(inserted("Rye / today", { start: 4, end: 5 }, "#bread")).toEqual({ text: "Rye #bread today", caret: 10 });
});

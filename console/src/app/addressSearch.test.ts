import { expect, test } from "vitest";
import { parseSearch, stringifySearch } from "./addressSearch";

test.each([
  ["?q=2026", { q: "2026" }],
  ["?q=45e89198", { q: "45e89198" }],
  ["?q=warm%20bread%20%26%20%2B", { q: "warm bread & +" }],
  ["?edit=true&view=week", { edit: true, view: "week" }],
  ["?selected=%5B%22cnt_1%22%2C%22cnt_2%22%5D", { selected: ["cnt_1", "cnt_2"] }],
  ["", {}],
])("%s is read and written", (text, search) => {
  expect(parseSearch(text)).toEqual(search);
  expect(stringifySearch(search)).toBe(text);
});

test("what is not set is not written, and what is no list is text", () => {
  expect(stringifySearch({ q: undefined })).toBe("");
  expect(parseSearch("?q=[bread]")).toEqual({ q: "[bread]" });
});

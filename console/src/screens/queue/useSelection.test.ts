import { expect, test } from "vitest";
import type { Row } from "../../posts/groups";
import { areAllSelected, MAX_SELECTED, rangeOf, type Selection, toggled } from "./useSelection";

const ROWS = [["a", "b"], ["a"], ["b"], ["c"], ["d", "e"]]; // the first one is opened

test("a row selects its posts, and takes them back once all are selected", () => {
  expect(toggled([], ["a", "b"], false)).toEqual(["a", "b"]);
  expect(toggled(["b", "c"], ["a", "b"], false)).toEqual(["b", "c", "a"]);
  expect(toggled(["a", "b", "c"], ["a", "b"], false)).toEqual(["c"]);
});

test("a range has the posts of all rows in between, and takes nothing back", () => {
  expect(rangeOf(ROWS, "b", ["d", "e"])).toEqual(["b", "c", "d", "e"]);
  expect(rangeOf(ROWS, "d e", ["c"])).toEqual(["c", "d", "e"]);
  expect(rangeOf(ROWS, null, ["c"])).toEqual(["c"]);
  expect(rangeOf(ROWS, "gone", ["c"])).toEqual(["c"]);
  expect(toggled(["c"], ["c"], true)).toEqual(["c"]);
});

test("all are selected if all loaded posts are, or as many as can be", () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, number) => ({ posts: [{ id: `${number}` }] }) as unknown as Row);
  const selection = (count: number) => ({ isAll: false, has: (id: string) => Number(id) < count }) as Selection;
  expect(areAllSelected(selection(1), rows(2))).toBe(false);
  expect(areAllSelected(selection(2), rows(2))).toBe(true);
  expect(areAllSelected(selection(MAX_SELECTED), rows(MAX_SELECTED + 9))).toBe(true);
  expect(areAllSelected(selection(0), rows(0))).toBe(false);
});

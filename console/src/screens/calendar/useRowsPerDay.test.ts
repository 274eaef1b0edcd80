import type { FoundPost } from "presswork-client";
import { expect, test } from "vitest";
import type { Row } from "../../posts/groups";
import { partOf } from "./dayRows";
import { rowsPerDay } from "./useRowsPerDay";

test("a day shows more rows where the window is higher, and three at least", () => {
  expect([rowsPerDay(600, 5), rowsPerDay(800, 6), rowsPerDay(1000, 5), rowsPerDay(1400, 5)]).toEqual([3, 3, 4, 7]);
});

test("where one row more is all, it takes the place of the number of the others", () => {
  const rows = [6, 1, 6, 2, 6].map((posts, id) => ({ id, posts: Array<FoundPost>(posts) }) as unknown as Row);
  const part = (count: number, total: number) => {
    const { shown, rest } = partOf(rows.slice(0, count), total, 3);
    return [shown.length, rest];
  };
  expect([part(2, 7), part(4, 15), part(5, 21), part(4, 99)]).toEqual([
    [2, 0],
    [4, 0],
    [3, 8],
    [3, 86],
  ]);
});

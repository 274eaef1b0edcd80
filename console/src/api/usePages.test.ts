import type { Page } from "presswork-client";
import { expect, test } from "vitest";
import { pageWithRows } from "./usePages";

/** Returns the first of pages with these numbers of rows; `read` counts those that were asked for. */
function pagesOf(sizes: readonly number[], read: { count: number }): Page<number, unknown> {
  const [size = 0, ...rest] = sizes;
  const page = {
    items: Array.from({ length: size }, (_, row) => row),
    hasNextPage: rest.length > 0,
    nextPage: async () => {
      read.count += 1;
      return pagesOf(rest, read);
    },
  };
  return page as unknown as Page<number, unknown>;
}

test.each([
  { sizes: [2, 3], rows: 2, read: 0 },
  { sizes: [0, 0, 3, 1], rows: 3, read: 2 },
  { sizes: [0, 0], rows: 0, read: 1 },
  { sizes: Array.from({ length: 200 }, () => 0), rows: 0, read: 50 },
])("pages without rows are skipped: $sizes.length pages", async ({ sizes, rows, read }) => {
  const count = { count: 0 };
  const page = await pageWithRows(pagesOf(sizes, count));
  expect([page.items.length, count.count]).toEqual([rows, read]);
});

import { InfiniteQueryObserver, QueryClient } from "@tanstack/react-query";
import type { Page } from "presswork-client";
import { expect, test } from "vitest";
import { pageWithRows, readNextPage } from "./usePages";

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

/** A list of numbered pages. Each read waits until it is answered with the number of the refreshes so far. */
async function shownList(lastPage: number) {
  const queryKey = ["test", "posts"];
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const asked: { readonly page: number; readonly answer: (refresh: number) => void; readonly fail: () => void }[] = [];
  const observer = new InfiniteQueryObserver(queries, {
    queryKey,
    queryFn: ({ pageParam: page }) =>
      new Promise<string>((resolve, reject) => {
        asked.push({ page, answer: (refresh) => resolve(`${page}/${refresh}`), fail: () => reject(new Error("no")) });
      }),
    initialPageParam: 0,
    getNextPageParam: (_, pages) => (pages.length <= lastPage ? pages.length : undefined),
  });
  observer.subscribe(() => undefined);
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  const answer = async (refresh: number) => {
    asked.shift()?.answer(refresh);
    await settle();
  };
  await answer(0);
  return {
    more: () => readNextPage(queries, queryKey),
    refresh: () => void queries.invalidateQueries({ queryKey }),
    pages: () => observer.getCurrentResult().data?.pages,
    asked,
    answer,
    settle,
  };
}

test("an event while the next page is read comes first, and the page follows", async () => {
  const list = await shownList(5);
  const more = list.more();
  list.refresh();
  await list.settle();
  list.asked.shift(); // the read that was canceled
  await list.answer(1);
  expect(list.asked.map(({ page }) => page)).toEqual([1]);
  await list.answer(1);
  await more;
  expect([list.pages(), list.asked]).toEqual([["0/1", "1/1"], []]);
});

test("a refresh that runs is not canceled for the next page", async () => {
  const list = await shownList(5);
  list.refresh();
  const more = list.more();
  await list.answer(1);
  await list.answer(1);
  await more;
  expect([list.pages(), list.asked]).toEqual([["0/1", "1/1"], []]);
});

test("a list that has no next page any more, or can't be read, ends the read", async () => {
  const ended = await shownList(0);
  await ended.more();
  const failing = await shownList(5);
  const more = failing.more();
  failing.asked.shift()?.fail();
  await more;
  expect([ended.pages(), failing.pages(), failing.asked]).toEqual([["0/0"], ["0/0"], []]);
});

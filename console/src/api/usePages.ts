import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import type { Page, Pages } from "presswork-client";

/** A list as far as it was read. */
export interface Rows<T> {
  readonly rows: readonly T[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly isFetchingMore: boolean;
  readonly fetchMore: () => void;
}

const MOST_EMPTY_PAGES = 50;

/** Returns a page, or the next one that has a row: a page of the API may end before it has found one. */
export async function pageWithRows<T, P>(first: Page<T, P>): Promise<Page<T, P>> {
  let page = first;
  for (let more = MOST_EMPTY_PAGES; more > 0 && page.items.length === 0 && page.hasNextPage; more -= 1) {
    page = await page.nextPage();
  }
  return page;
}

/**
 * Reads a list of the API page by page. `list` starts it: `() => client.webhooks.listEndpoints()`.
 * With `refreshMs`, it is read again so often, besides what events refresh.
 */
export function usePages<T, P>(
  queryKey: QueryKey,
  list: () => Pages<T, P>,
  refreshMs: number | false = false,
): Rows<T> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam }) => pageWithRows(await (pageParam === null ? list() : pageParam.nextPage())),
    initialPageParam: null as Page<T, P> | null,
    getNextPageParam: (last) => (last.hasNextPage ? last : undefined),
    refetchInterval: refreshMs,
  });
  return {
    rows: query.data?.pages.flatMap((page) => page.items) ?? [],
    isPending: query.isPending,
    error: query.error,
    hasMore: query.hasNextPage,
    isFetchingMore: query.isFetchingNextPage,
    fetchMore: () => void query.fetchNextPage(),
  };
}

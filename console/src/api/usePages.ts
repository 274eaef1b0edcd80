import {
  hashKey,
  type InfiniteData,
  type QueryClient,
  type QueryKey,
  type UseInfiniteQueryResult,
  useInfiniteQuery,
  useQueryClient,
} from "@tanstack/react-query";
import type { Page } from "presswork-client";
import { useMemo, useState } from "react";

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
  list: () => PromiseLike<Page<T, P>>,
  refreshMs: number | false = false,
): Rows<T> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam }) => pageWithRows(await (pageParam === null ? list() : pageParam.nextPage())),
    initialPageParam: null as Page<T, P> | null,
    getNextPageParam: (last) => (last.hasNextPage ? last : undefined),
    refetchInterval: refreshMs,
  });
  return usePagedRows(queryKey, query);
}

/** Returns a list that is read page by page. */
export function usePagedRows<T>(
  queryKey: QueryKey,
  query: UseInfiniteQueryResult<InfiniteData<{ readonly items: readonly T[] }>>,
): Rows<T> {
  const queries = useQueryClient();
  const list = hashKey(queryKey);
  const [reading, setReading] = useState<string | null>(null);
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return {
    rows,
    isPending: query.isPending,
    error: query.error,
    hasMore: query.hasNextPage,
    isFetchingMore: query.isFetchingNextPage || reading === list,
    fetchMore: () => {
      setReading(list);
      void readNextPage(queries, queryKey).finally(() => setReading((now) => (now === list ? null : now)));
    },
  };
}

/**
 * Reads the next page of a list, and returns when it is there or a read failed. A refresh is not canceled for it; one
 * that cancels it comes first.
 */
export async function readNextPage(queries: QueryClient, queryKey: QueryKey): Promise<void> {
  const query = queries.getQueryCache().find<InfiniteData<unknown>>({ queryKey });
  if (query?.state.data === undefined) return;
  const pages = query.state.data.pages.length;
  const meta = { fetchMore: { direction: "forward" } } as const;
  try {
    do await query.fetch(undefined, { meta, cancelRefetch: false });
    while (query.state.fetchMeta?.fetchMore === undefined && query.state.data.pages.length <= pages);
  } catch {
    // the list shows what failed
  }
}

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

/** Reads a list of the API page by page. `list` starts it: `() => client.webhooks.listEndpoints()`. */
export function usePages<T, P>(queryKey: QueryKey, list: () => Pages<T, P>): Rows<T> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam }): Promise<Page<T, P>> => (pageParam === null ? await list() : pageParam.nextPage()),
    initialPageParam: null as Page<T, P> | null,
    getNextPageParam: (last) => (last.hasNextPage ? last : undefined),
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

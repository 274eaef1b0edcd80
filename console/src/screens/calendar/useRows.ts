import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useCalendar } from "./context";
import type { Span } from "./dates";
import { type CalendarPost, postsAfter } from "./posts";
import { postsQuery } from "./queries";

interface Rows {
  readonly posts: readonly CalendarPost[];
  readonly isPending: boolean;
  readonly error: Error | null;
  /** Whether the span that was read has posts after those that were read; the last of these is in `lastAt`. */
  readonly hasMore: boolean;
  readonly lastAt: string | undefined;
}

/** Returns the posts of a cell. Cells that read the same span share one request. */
export function useRows(cell: Span, read: Span, limit: number, isWanted: boolean): Rows {
  const { environment, whose, moves } = useCalendar();
  const query = useQuery({
    ...postsQuery(environment, read, whose, limit),
    enabled: isWanted,
    placeholderData: keepPreviousData,
  });
  const data = isWanted ? query.data : undefined; // else a placeholder stays: the posts of another filter
  const found = data?.posts;
  const { since, until } = cell;
  const posts = useMemo(
    () => postsAfter(found ?? [], moves.pending, (at) => since <= at && at <= until),
    [found, moves.pending, since, until],
  );
  return {
    posts,
    isPending: isWanted && query.isPending,
    error: query.error,
    hasMore: data?.hasMore ?? false,
    lastAt: found?.at(-1)?.scheduledFor,
  };
}

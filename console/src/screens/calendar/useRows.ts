import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Row } from "../../posts/groups";
import { useCalendar } from "./context";
import type { Span } from "./dates";
import { rowsQuery } from "./queries";
import { rowsAfter } from "./rows";

interface Rows {
  readonly rows: readonly Row[];
  readonly isPending: boolean;
  readonly error: Error | null;
  /** Whether the span that was read has rows after those that were read; the last of these is in `lastAt`. */
  readonly hasMore: boolean;
  readonly lastAt: string | undefined;
}

/** Returns the rows of a cell. Cells that read the same span share one request. */
export function useRows(cell: Span, read: Span, limit: number, isWanted: boolean): Rows {
  const { environment, whose, moves } = useCalendar();
  const query = useQuery({
    ...rowsQuery(environment, read, whose, limit),
    enabled: isWanted,
    placeholderData: keepPreviousData,
  });
  const data = isWanted ? query.data : undefined; // else a placeholder stays: the rows of another filter
  const found = data?.rows;
  const { since, until } = cell;
  const rows = useMemo(
    () => rowsAfter(found ?? [], moves.pending, (at) => since <= at && at <= until),
    [found, moves.pending, since, until],
  );
  return {
    rows,
    isPending: isWanted && query.isPending,
    error: query.error,
    hasMore: data?.hasMore ?? false,
    lastAt: found?.at(-1)?.scheduledFor,
  };
}

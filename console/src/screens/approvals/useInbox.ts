import { useQueries } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { usePages } from "../../api/usePages";
import { hasRequestedChanges } from "../../content/approvals";
import { searchContent } from "../../content/list";
import { intentsQuery, postsOfContentQuery, reviewQuery } from "../../content/queries";
import { firstDue, inOrder, isWithAuthor, type Waiting } from "./inbox";

const ROWS = 50;

/** What waits for a decision, as far as it was read. */
export interface Inbox {
  readonly items: readonly Waiting[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly isFetchingMore: boolean;
  readonly fetchMore: () => void;
}

/** Reads what waits, the oldest first, and what makes it urgent. The reads are those of the detail, which then opens at once. */
export function useInbox(environment: Environment, projectId: string | undefined): Inbox {
  const filter = {
    approvalStatus: ["pending"],
    status: ["completed"],
    order: "asc",
    limit: ROWS,
    ...(projectId !== undefined && { projectId }),
  } as const;
  const list = usePages([environment, "content", "inbox", filter], () => searchContent(environment, filter));
  const { rows } = list;
  const intents = useQueries({ queries: rows.map(({ id }) => intentsQuery(environment, id)) });
  // Only an edit makes posts wait, and only a request waits for the author.
  const posts = useQueries({
    queries: rows.map((row) => ({ ...postsOfContentQuery(environment, row.id), enabled: row.revision > 1 })),
  });
  const reviews = useQueries({
    queries: rows.map((row) => ({ ...reviewQuery(environment, row.id), enabled: hasRequestedChanges(row) })),
  });
  const isKnown = (row: number) =>
    [intents[row], posts[row], reviews[row]].every((query) => query === undefined || !query.isLoading);
  const isPending = list.isPending || (rows.length <= ROWS && !rows.every((_, row) => isKnown(row)));
  const items = rows.flatMap((content, row): readonly Waiting[] => {
    if (!isKnown(row)) return [];
    const review = reviews[row]?.data;
    return [
      {
        content,
        dueAt: firstDue(intents[row]?.data ?? [], posts[row]?.data ?? []),
        isWithAuthor: review !== undefined && hasRequestedChanges(content) && isWithAuthor(review),
      },
    ];
  });
  const { error, hasMore, isFetchingMore, fetchMore } = list;
  return { items: inOrder(items), isPending, error, hasMore, isFetchingMore, fetchMore };
}

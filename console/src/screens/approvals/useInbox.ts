import { useIsFetching, useQuery } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import type { SignedIn } from "../../api/session";
import { usePages } from "../../api/usePages";
import { searchContent } from "../../content/list";
import { intentsQuery, postsOfContentQuery, reviewQuery } from "../../content/queries";
import { obstacleOf } from "../../content/steps";
import { inOrder, type Waiting } from "./inbox";

/** The most that the API returns at once: the order by due time is that of what was read. */
const ROWS = 100;

/** A post that is scheduled makes its content urgent without an event. */
const REFRESH_MS = 60_000;

/** What waits for a decision, as far as it was read. */
export interface Inbox {
  readonly items: readonly Waiting[];
  /** How many of what was read wait for others. */
  readonly others: number;
  readonly isPending: boolean;
  /** Whether it is being read: what it has may be over. */
  readonly isFetching: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly isFetchingMore: boolean;
  readonly fetchMore: () => void;
}

/** Reads what waits, the most urgent first. */
export function useInbox(
  environment: Environment,
  session: SignedIn,
  projectId: string | undefined,
  onlyMine: boolean,
): Inbox {
  const filter = {
    approvalStatus: ["pending"],
    status: ["completed"],
    order: "asc",
    limit: ROWS,
    ...(projectId !== undefined && { projectId }),
  } as const;
  const queryKey = [environment, "content", "inbox", filter];
  const { rows, ...list } = usePages(queryKey, () => searchContent(environment, filter), REFRESH_MS);
  const isFetching = useIsFetching({ queryKey, exact: true }) > 0;
  const items = rows.map((content) => ({
    content,
    dueAt: content.approvalDueAt,
    isWithAuthor: content.changesRequested,
    isForMe: session.scopes.includes("content:approve") && obstacleOf(content, session) === null,
  }));
  const others = items.filter(({ isForMe, isWithAuthor }) => !isForMe || isWithAuthor).length;
  const shown = onlyMine ? items.filter(({ isForMe, isWithAuthor }) => isForMe && !isWithAuthor) : items;
  return { items: inOrder(shown), others, isFetching, ...list };
}

/** Reads what an item shows before it is opened, so that the next one is there at once. */
export function useReadAhead(environment: Environment, containerId: string | undefined): void {
  const id = containerId ?? "";
  const enabled = containerId !== undefined;
  useQuery({ ...reviewQuery(environment, id), enabled });
  useQuery({ ...intentsQuery(environment, id), enabled });
  useQuery({ ...postsOfContentQuery(environment, id), enabled });
}

import { useQuery } from "@tanstack/react-query";
import type { Comment, Environment, PlatformName } from "presswork-client";
import { clientOf } from "../../api/client";
import { type Rows, usePages } from "../../api/usePages";
import { beginOf, type Inbox, ME } from "./search";

const ROWS = 50;

/** What another person decides has no event. */
const REFRESH_MS = 60_000;

/** Which comments the API is asked for, without the status. */
export interface Filter {
  readonly projectId?: string;
  readonly socialAccountId?: string;
  readonly platform?: readonly PlatformName[];
  readonly assigneeId?: string;
  readonly scheduledPostId?: string;
  readonly since?: string;
}

/** Returns which comments the API is asked for, without the status. */
export function filterOf(inbox: Inbox, userId: string, now: Date): Filter {
  const { project, account, platform, assignee, post, since } = inbox;
  return {
    ...(project !== undefined && { projectId: project }),
    ...(account !== undefined && { socialAccountId: account }),
    ...(platform !== undefined && { platform: [platform] }),
    ...(assignee !== undefined && { assigneeId: assignee === ME ? userId : assignee }),
    ...(post !== undefined && { scheduledPostId: post }),
    ...(since !== undefined && { since: beginOf(since, now) }),
  };
}

/** Reads the comments of a view, the newest first. With a status, the accounts' own are left out: they are always done. */
export function useInbox(environment: Environment, filter: Filter, status: Comment["status"] | null): Rows<Comment> {
  const params = { ...filter, ...(status !== null && { status: [status], own: false }), limit: ROWS };
  return usePages(
    [environment, "comments", "list", params],
    () => clientOf(environment).comments.list(params),
    REFRESH_MS,
  );
}

/** How many comments each status has. */
export type Summary = Readonly<Record<Comment["status"], number>>;

/** Reads how many comments each status has; undefined with filters that the count does not know. */
export function useSummary(environment: Environment, filter: Filter): Summary | undefined {
  const { since, scheduledPostId, ...counted } = filter;
  return useQuery({
    queryKey: [environment, "comments", "summary", counted],
    queryFn: () => clientOf(environment).comments.count(counted),
    refetchInterval: REFRESH_MS,
    enabled: since === undefined && scheduledPostId === undefined,
  }).data;
}

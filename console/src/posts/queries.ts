import { queryOptions } from "@tanstack/react-query";
import type { Environment, ScheduledPost, Status } from "presswork-client";
import { clientOf } from "../api/client";

const WAITS_REFRESH_MS = 60_000;
const FOLLOW_UPS_REFRESH_MS = 5_000;

/** Returns how often posts with these states are read again: waits begin and end without an event. */
export function refreshMsOf(statuses: readonly Status[]): number | false {
  return statuses.includes("queued") || statuses.includes("publishing") ? WAITS_REFRESH_MS : false;
}

/** Whether a worker is at work on a live post, which has no event before it is done. */
function hasFollowUps({ extras, liveStatus, lastEdit }: ScheduledPost): boolean {
  return (
    liveStatus === "taking_down" || lastEdit?.status === "pending" || extras.some(({ status }) => status === "pending")
  );
}

/** A post. Events of the stream refresh it, and while a worker is at work on a live one, time does. */
export function postQuery(environment: Environment, postId: string) {
  return queryOptions({
    queryKey: [environment, "posts", postId],
    queryFn: () => clientOf(environment).publishing.getPost({ postId }),
    refetchInterval: ({ state }) =>
      state.data !== undefined && hasFollowUps(state.data) ? FOLLOW_UPS_REFRESH_MS : false,
  });
}

/** The timeline of a post, oldest entry first. */
export function timelineQuery(environment: Environment, postId: string) {
  return queryOptions({
    queryKey: [environment, "posts", postId, "timeline"],
    queryFn: () => clientOf(environment).publishing.getTimeline({ postId }),
  });
}

/** The content of a post. Its media links are signed and last for hours. */
export function contentQuery(environment: Environment, containerId: string) {
  return queryOptions({
    queryKey: [environment, "content", containerId],
    queryFn: () => clientOf(environment).content.get({ containerId }),
    staleTime: 5 * 60_000,
  });
}

/** A social account. */
export function accountQuery(environment: Environment, socialAccountId: string) {
  return queryOptions({
    queryKey: [environment, "accounts", socialAccountId],
    queryFn: () => clientOf(environment).socialAccounts.get({ socialAccountId }),
    staleTime: 60_000,
  });
}

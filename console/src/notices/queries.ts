import { queryOptions } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { clientOf } from "../api/client";

/** What no event of the stream says, such as a quota, is read by the minute. */
export const REFRESH_MS = 60_000;

/** How many notifications the person has not read. */
export function unreadQuery(environment: Environment) {
  return queryOptions({
    queryKey: [environment, "notices", "unread"],
    queryFn: async () => (await clientOf(environment).notifications.list({ limit: 1 })).answer.unread,
    refetchInterval: REFRESH_MS,
  });
}

/** Of which events the person is notified, and how. It is the same in both environments. */
export const preferencesQuery = queryOptions({
  queryKey: ["notification-preferences"],
  queryFn: async () => (await clientOf("test").notifications.getPreferences()).items,
});

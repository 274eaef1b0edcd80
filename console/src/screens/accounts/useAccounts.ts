import { useInfiniteQuery } from "@tanstack/react-query";
import type { AccountStatus, Environment, SocialAccount } from "presswork-client";
import { clientOf } from "../../api/client";
import type { Rows } from "../../api/usePages";
import type { AccountFilter } from "./filters";

/** Those that need a person come first; disconnected ones only where they are asked for. */
const IN_USE: readonly AccountStatus[] = ["reauth_required", "connected"];

interface AccountPage {
  readonly items: readonly SocialAccount[];
  readonly hasNextPage: boolean;
  readonly nextPage: () => Promise<AccountPage>;
}

/** Some accounts, the last page that they came from, and the statuses that follow. */
interface Step {
  readonly items: readonly SocialAccount[];
  readonly last: AccountPage | null;
  readonly later: readonly AccountStatus[];
}

/** So many rows are shown at once, if there are as many. */
const ROWS = 25;

/** Reads the accounts of all projects, one status after the other. */
export function useAccounts(environment: Environment, filter: AccountFilter): Rows<SocialAccount> {
  const statuses = filter.status === undefined ? IN_USE : [filter.status];
  const query = useInfiniteQuery({
    queryKey: [environment, "accounts", "list", filter],
    queryFn: async ({ pageParam: before }): Promise<Step> => {
      const items: SocialAccount[] = [];
      let last = before?.last ?? null;
      let later = before?.later ?? statuses;
      while (items.length < ROWS && (last?.hasNextPage || later.length > 0)) {
        if (last?.hasNextPage) {
          last = await last.nextPage();
        } else {
          const [status, ...rest] = later;
          if (status !== undefined) last = await search(environment, filter, status);
          later = rest;
        }
        items.push(...(last?.items ?? []));
      }
      return { items, last, later };
    },
    initialPageParam: null as Step | null,
    getNextPageParam: (step) => (step.last?.hasNextPage || step.later.length > 0 ? step : undefined),
  });
  return {
    rows: query.data?.pages.flatMap((step) => step.items) ?? [],
    isPending: query.isPending,
    error: query.error,
    hasMore: query.hasNextPage,
    isFetchingMore: query.isFetchingNextPage,
    fetchMore: () => void query.fetchNextPage(),
  };
}

/** Reads the accounts of each project: until the API lists them across projects. */
async function search(environment: Environment, filter: AccountFilter, status: AccountStatus): Promise<AccountPage> {
  const client = clientOf(environment);
  const items: SocialAccount[] = [];
  const { project: projectId, platform, q = "" } = filter;
  const projectIds: string[] = projectId === undefined ? [] : [projectId];
  if (projectId === undefined) for await (const { id } of client.projects.list({ limit: 100 })) projectIds.push(id);
  for (const id of projectIds)
    for await (const account of client.socialAccounts.list({ projectId: id, platform, status, limit: 100 }))
      if (account.handle.toLowerCase().includes(q.toLowerCase())) items.push(account);
  return { items, hasNextPage: false, nextPage: () => Promise.reject(new Error("This is the last page.")) };
}

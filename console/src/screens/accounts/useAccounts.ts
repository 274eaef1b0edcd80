import { useInfiniteQuery } from "@tanstack/react-query";
import type { AccountStatus, Environment, Page, SocialAccount, SocialAccountPage } from "presswork-client";
import { clientOf } from "../../api/client";
import { type Rows, usePagedRows } from "../../api/usePages";
import type { AccountFilter } from "./filters";

/** Those that need a person come first; disconnected ones only where they are asked for. */
const IN_USE: readonly AccountStatus[] = ["reauth_required", "connected"];

type AccountPage = Page<SocialAccount, SocialAccountPage>;

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
  const { socialAccounts } = clientOf(environment);
  const { project: projectId, platform, q } = filter;
  const asked = { projectId, platform: platform && [platform], q, limit: ROWS };
  const queryKey = [environment, "accounts", "list", filter];
  const query = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam: before }): Promise<Step> => {
      const items: SocialAccount[] = [];
      let last = before?.last ?? null;
      let later = before?.later ?? statuses;
      while (items.length < ROWS && (last?.hasNextPage || later.length > 0)) {
        if (last?.hasNextPage) {
          last = await last.nextPage();
        } else {
          const [status, ...rest] = later;
          if (status !== undefined) last = await socialAccounts.search({ ...asked, status: [status] });
          later = rest;
        }
        items.push(...(last?.items ?? []));
      }
      return { items, last, later };
    },
    initialPageParam: null as Step | null,
    getNextPageParam: (step) => (step.last?.hasNextPage || step.later.length > 0 ? step : undefined),
  });
  return usePagedRows(queryKey, query);
}

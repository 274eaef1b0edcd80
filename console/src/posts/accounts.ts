import { queryOptions } from "@tanstack/react-query";
import type { Environment, SocialAccount } from "presswork-client";
import { clientOf } from "../api/client";

const PAGE = 100;

/** All connected accounts that the person sees, by handle. */
export function accountsQuery(environment: Environment) {
  return queryOptions({
    queryKey: [environment, "accounts", "all"],
    queryFn: async (): Promise<readonly SocialAccount[]> => {
      const { projects, socialAccounts } = clientOf(environment);
      const accounts: SocialAccount[] = [];
      for await (const { id: projectId } of projects.list({ limit: PAGE })) {
        for await (const account of socialAccounts.list({ projectId, limit: PAGE })) accounts.push(account);
      }
      return accounts.toSorted((one, other) => one.handle.localeCompare(other.handle));
    },
    staleTime: 60_000,
  });
}

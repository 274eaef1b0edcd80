import { queryOptions } from "@tanstack/react-query";
import type { Environment, SocialAccount } from "presswork-client";
import { clientOf } from "../api/client";

const PAGE = 100;

/** All accounts that the person sees, by handle. */
export function accountsQuery(environment: Environment) {
  return queryOptions({
    queryKey: [environment, "accounts", "by-handle"],
    queryFn: async (): Promise<readonly SocialAccount[]> => {
      const accounts: SocialAccount[] = [];
      for await (const one of clientOf(environment).socialAccounts.search({ limit: PAGE })) accounts.push(one);
      return accounts.toSorted((one, other) => one.handle.localeCompare(other.handle));
    },
    staleTime: 60_000,
  });
}

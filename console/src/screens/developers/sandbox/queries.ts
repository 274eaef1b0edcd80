import { queryOptions } from "@tanstack/react-query";
import type { Environment, SandboxPost } from "presswork-client";
import { clientOf } from "../../../api/client";
import { isPlatform } from "../../../platforms/platforms";

/** The sandbox sends no events, so its state is read again from time to time. */
const REFRESH_MS = 5_000;

/** The sandbox's time, settings and faults. */
export function stateQuery(environment: Environment) {
  return queryOptions({
    queryKey: [environment, "sandbox"],
    queryFn: () => clientOf(environment).sandbox.get(),
    refetchInterval: ({ state }) => (state.error === null || state.data !== undefined ? REFRESH_MS : false),
    enabled: environment === "test",
  });
}

/** The fake accounts, newest first. */
export function accountsQuery(environment: Environment) {
  return queryOptions({
    queryKey: [environment, "sandbox", "accounts"],
    queryFn: () => clientOf(environment).sandbox.listAccounts(),
  });
}

/** What is live on the fake platforms. Its key is that of posts, so that their events refresh it. */
export function feedQuery(environment: Environment, account: AccountName | null) {
  return queryOptions({
    queryKey: [environment, "posts", "sandbox", account],
    queryFn: () => clientOf(environment).sandbox.listPosts(account ?? {}),
    refetchInterval: REFRESH_MS,
  });
}

/** An account as the address names it: `instagram:luna`. */
export interface AccountName {
  readonly platform: SandboxPost["platform"];
  readonly handle: string;
}

/** Reads an account from the address; null: all of them. */
export function accountOf(text: string | undefined): AccountName | null {
  const [platform, handle] = text?.split(":") ?? [];
  return isPlatform(platform) && handle ? { platform, handle } : null;
}

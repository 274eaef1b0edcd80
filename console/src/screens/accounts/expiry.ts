import type { LoginName, SocialAccount } from "presswork-client";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

/** How near to its end an access is only if its refresh has failed: refreshes begin earlier. */
const NEAR_MS: Readonly<Record<LoginName, number>> = {
  instagram: 7 * DAY_MS,
  facebook: 7 * DAY_MS,
  tiktok: 10 * MINUTE_MS,
  threads: 7 * DAY_MS,
  youtube: 5 * MINUTE_MS,
};

export type Expiry = "never" | "later" | "soon" | "past";

/** Returns how an account's access stands. Presswork refreshes it in time, so `soon` means that this has failed so far. */
export function expiryOf(account: Pick<SocialAccount, "login" | "tokenExpiresAt">, now: Date): Expiry {
  if (account.tokenExpiresAt === null) return "never";
  const left = Date.parse(account.tokenExpiresAt) - now.getTime();
  if (left <= 0) return "past";
  return left < (NEAR_MS[account.login] ?? 0) ? "soon" : "later";
}

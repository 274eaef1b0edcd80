import type { SocialAccount } from "presswork-client";
import { findLogin } from "../../platforms/platforms";

export type Expiry = "never" | "later" | "soon" | "past";

/** Returns how an account's access stands. Presswork refreshes it in time, so `soon` means that this has failed so far. */
export function expiryOf(account: Pick<SocialAccount, "login" | "tokenExpiresAt">, now: Date): Expiry {
  if (account.tokenExpiresAt === null) return "never";
  const left = Date.parse(account.tokenExpiresAt) - now.getTime();
  if (left <= 0) return "past";
  return left < (findLogin(account.login)?.kind.nearMs ?? 0) ? "soon" : "later";
}

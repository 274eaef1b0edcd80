import type { SocialAccount } from "presswork-client";
import { findLogin } from "../../platforms/logins";

export type Expiry = "never" | "later" | "soon" | "past";

/** Returns how an account's access stands. `soon`: a renewal has failed so far, or the owner has to log in again. */
export function expiryOf(account: Pick<SocialAccount, "login" | "tokenExpiresAt">, now: Date): Expiry {
  if (account.tokenExpiresAt === null) return "never";
  const left = Date.parse(account.tokenExpiresAt) - now.getTime();
  if (left <= 0) return "past";
  return left < (findLogin(account.login)?.kind.nearMs ?? 0) ? "soon" : "later";
}

/** Whether Presswork renews an account's access by itself. */
export function isRenewed(account: Pick<SocialAccount, "login">): boolean {
  return findLogin(account.login)?.kind.isRenewed ?? true;
}

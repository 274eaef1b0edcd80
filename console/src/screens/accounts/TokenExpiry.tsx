import { TriangleAlert } from "lucide-react";
import type { SocialAccount } from "presswork-client";
import { Time } from "../../ui/Time";
import { useNow } from "../../ui/useNow";
import { expiryOf } from "./expiry";

interface TokenExpiryProps {
  readonly account: SocialAccount;
  readonly zone?: string | undefined;
}

/** Until when the access is valid. Presswork refreshes it in time; a warning means that this has failed so far. */
export function TokenExpiry({ account, zone }: TokenExpiryProps) {
  const expiry = expiryOf(account, useNow());
  if (account.status !== "connected" || account.tokenExpiresAt === null)
    return account.status === "connected" ? <>Does not expire</> : <>No access</>;
  return (
    <span className={expiry === "later" ? "" : "expiry-near"}>
      {expiry !== "later" && <TriangleAlert aria-hidden />}
      {expiry === "past" ? "Expired " : expiry === "soon" ? "Expires " : "Renewed by itself "}
      <Time at={account.tokenExpiresAt} isRelative zone={zone} />
    </span>
  );
}

import { TriangleAlert } from "lucide-react";
import type { SocialAccount } from "presswork-client";
import { Time } from "../../ui/Time";
import { useNow } from "../../ui/useNow";
import { expiryOf, isRenewed } from "./expiry";

interface TokenExpiryProps {
  readonly account: SocialAccount;
  readonly zone?: string | undefined;
}

/** Until when the access is valid. A warning: its renewal has failed so far, or the owner has to log in again soon. */
export function TokenExpiry({ account, zone }: TokenExpiryProps) {
  const expiry = expiryOf(account, useNow());
  if (account.status !== "connected" || account.tokenExpiresAt === null)
    return account.status === "connected" ? <>Never expires</> : <>No access</>;
  return (
    <span className={expiry === "later" ? "" : "expiry-near"}>
      {expiry !== "later" && <TriangleAlert aria-hidden />}
      {expiry === "past" ? "Expired " : expiry === "later" && isRenewed(account) ? "Renewed by itself " : "Expires "}
      <Time at={account.tokenExpiresAt} isRelative zone={zone} />
    </span>
  );
}

/** The same, where a person has to act one day or now: access that Presswork renews is not mentioned. */
export function ExpiryToKnow(props: TokenExpiryProps) {
  const { account } = props;
  const expiry = expiryOf(account, useNow());
  if (account.status !== "connected" || expiry === "never" || (expiry === "later" && isRenewed(account))) return null;
  return <TokenExpiry {...props} />;
}

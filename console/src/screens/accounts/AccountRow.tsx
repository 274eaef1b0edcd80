import { Link } from "@tanstack/react-router";
import { RefreshCw } from "lucide-react";
import type { Environment, Project, SocialAccount } from "presswork-client";
import { accountName, platformName } from "../../platforms/platforms";
import { useSeen } from "../../ui/useSeen";
import { ProblemBadges } from "./AccountBadges";
import { Avatar } from "./Avatar";
import { QuotaLeft } from "./quota";
import { needsLogin } from "./readiness";
import { ExpiryToKnow } from "./TokenExpiry";

interface AccountRowProps {
  readonly environment: Environment;
  readonly account: SocialAccount;
  readonly project: Project | undefined;
  /** Whether this person may connect accounts. */
  readonly mayConnect: boolean;
}

/** One account of the list: whose it is, what it is ready for, and what it needs. */
export function AccountRow({ environment, account, project, mayConnect }: AccountRowProps) {
  const params = { environment, accountId: account.socialAccountId };
  const name = accountName(account.platform, account.handle);
  const [row, isSeen] = useSeen<HTMLLIElement>();
  return (
    <li ref={row} className={account.status === "reauth_required" ? "account-row urgent" : "account-row"}>
      <Avatar account={account} />
      <div className="account-who">
        <Link to="/$environment/accounts/$accountId" params={params} className="cut">
          {name}
        </Link>
        <span className="soft small cut">
          {platformName(account.platform)} · {project?.name ?? "…"}
        </span>
      </div>
      <div className="account-problems">
        <ProblemBadges account={account} />
      </div>
      <div className="account-limits soft small">
        <ExpiryToKnow account={account} zone={project?.timezone} />
        <QuotaLeft environment={environment} account={account} isSeen={isSeen} />
      </div>
      <div className="account-act">
        {mayConnect && needsLogin(account) && (
          <Link
            to="/$environment/accounts/$accountId"
            params={params}
            search={{ open: "again" }}
            className={account.status === "reauth_required" ? "button primary" : "button plain"}
            aria-label={`Reconnect ${name}`}
          >
            <RefreshCw aria-hidden /> Reconnect
          </Link>
        )}
      </div>
    </li>
  );
}

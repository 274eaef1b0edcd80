import { Link } from "@tanstack/react-router";
import type { Environment, Project, SocialAccount } from "presswork-client";
import { Fragment } from "react";
import { platformName } from "../../platforms/platforms";
import { CopyButton } from "../../ui/CopyButton";
import { Fact, Facts } from "../../ui/Facts";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Time } from "../../ui/Time";
import { isRenewed } from "./expiry";
import { loginKind } from "./logins";
import { TokenExpiry } from "./TokenExpiry";

interface AccountFactsProps {
  readonly environment: Environment;
  readonly account: SocialAccount;
  readonly project: Project | undefined;
}

const reasons: Readonly<Record<string, string>> = {
  user_requested: ", on request",
  data_deleted: ", since its owner had their data deleted",
};

/** Whose the account is, how it was connected, and how long the access lasts. */
export function AccountFacts({ environment, account, project }: AccountFactsProps) {
  const zone = project?.timezone;
  return (
    <Facts>
      <Fact name="Platform">
        <span className="account-platform">
          <PlatformIcon platform={account.platform} /> {platformName(account.platform)}
        </span>
      </Fact>
      <Fact name="Name">{account.displayName}</Fact>
      <Fact name="Project">
        <Link to="/$environment/accounts/projects/$projectId" params={{ environment, projectId: account.projectId }}>
          {project?.name ?? account.projectId}
        </Link>
      </Fact>
      <Fact name="Login">{loginKind(account.platform, account.login).label}</Fact>
      <Fact name="Access">
        <TokenExpiry account={account} zone={zone} />
        {account.status === "connected" && account.tokenExpiresAt !== null && (
          <span className="soft small own-line">
            {isRenewed(account)
              ? "Presswork refreshes it before that."
              : "The platform does not extend it. The owner logs in again before that."}
          </span>
        )}
      </Fact>
      <Fact name="Refreshed">
        {account.tokenRefreshedAt && <Time at={account.tokenRefreshedAt} zone={zone} isRelative />}
      </Fact>
      <Fact name="Granted">
        {account.grantedScopes.length > 0 && (
          <ul className="granted-scopes">
            {account.grantedScopes.map((scope) => (
              <li key={scope}>
                <code>
                  {scope.split(/(?<=[_.])/).map((part) => (
                    <Fragment key={part}>
                      {part}
                      <wbr />
                    </Fragment>
                  ))}
                </code>
              </li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact name="Connected">
        <Time at={account.connectedAt} zone={zone} />
      </Fact>
      <Fact name="Disconnected">
        {account.disconnectedAt && (
          <>
            <Time at={account.disconnectedAt} zone={zone} />
            {reasons[account.disconnectedReason ?? ""] ?? ` (${account.disconnectedReason})`}
          </>
        )}
      </Fact>
      <Fact name="Layer">
        {account.layerId && (
          <Link
            to="/$environment/accounts/layers"
            params={{ environment }}
            search={{ project: account.projectId, layer: account.layerId }}
          >
            Open the layer
          </Link>
        )}
      </Fact>
      <Fact name="Id">
        <code>{account.socialAccountId}</code>{" "}
        <CopyButton text={account.socialAccountId} what="the id of the account" />
      </Fact>
    </Facts>
  );
}

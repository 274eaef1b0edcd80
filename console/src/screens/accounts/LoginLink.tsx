import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, OAuthUrl, PlatformName } from "presswork-client";
import { CopyButton } from "../../ui/CopyButton";
import { Notice } from "../../ui/Notice";
import "../../ui/secret-dialog.css";
import { Time } from "../../ui/Time";
import { failureOf } from "./logins";
import { loginStatusQuery } from "./useLogin";

interface LoginLinkProps {
  readonly environment: Environment;
  readonly login: OAuthUrl;
  readonly platform: PlatformName;
}

/** The link to the platform's page, for the account's owner; and how the login ends, as soon as it does. */
export function LoginLink({ environment, login, platform }: LoginLinkProps) {
  const { data } = useQuery(loginStatusQuery(environment, login.state));
  if (data?.status === "connected" && data.socialAccountId !== null) {
    return (
      <Notice
        tone="good"
        title="The account is connected."
        actions={
          <Link
            className="button plain"
            to="/$environment/accounts/$accountId"
            params={{ environment, accountId: data.socialAccountId }}
          >
            Open it
          </Link>
        }
      />
    );
  }
  if (data?.status === "failed") {
    const { what, next } = failureOf(data.error, platform);
    return (
      <Notice tone="bad" title={what}>
        {next}
      </Notice>
    );
  }
  return (
    <>
      <p>
        Send this link to the account's owner. It works once, in any browser, and expires{" "}
        <Time at={login.expiresAt} isRelative />.
      </p>
      <div className="secret">
        <code className="cut">{login.authorizeUrl}</code>
        <CopyButton text={login.authorizeUrl} what="the link" />
      </div>
      <p className="soft" role="status">
        Waiting for the owner…
      </p>
    </>
  );
}

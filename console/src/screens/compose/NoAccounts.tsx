import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, PlatformName } from "presswork-client";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { FACTS } from "../../platforms/logins";
import { accountName, PLATFORMS, platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { PlatformIcon } from "../../ui/PlatformIcon";

/** Sample accounts of the sandbox. */
const SAMPLES = PLATFORMS.map((platform) => ({ platform, handle: FACTS[platform].sample }));

interface NoAccountsProps {
  readonly environment: Environment;
  readonly projectId: string | null;
  readonly mayConnect: boolean;
}

/** What to do without an account: in test, one press connects a sample account of the sandbox. */
export default function NoAccounts({ environment, projectId, mayConnect }: NoAccountsProps) {
  const connect = useSampleLogin(environment, projectId);
  if (environment === "live" || !mayConnect) {
    return (
      <p className="soft">
        This project has no account yet. {mayConnect ? "" : "Ask a publisher to connect one. "}
        <Link to="/$environment/accounts" params={{ environment }}>
          Open Accounts
        </Link>
      </p>
    );
  }
  return (
    <div className="accounts-none">
      <p className="soft">This project has no account yet. The sandbox has sample accounts, which only you see.</p>
      <div className="sample-accounts">
        {SAMPLES.map((sample) => (
          <Button
            key={sample.platform}
            isPending={connect.isPending && connect.variables.platform === sample.platform}
            onPress={() => connect.mutate(sample)}
          >
            <PlatformIcon platform={sample.platform} /> Use {accountName(sample.platform, sample.handle)}
          </Button>
        ))}
        <Link className="button quiet" to="/$environment/accounts" params={{ environment }}>
          Connect another
        </Link>
      </div>
      {connect.isError && (
        <Notice tone="bad" title={`${platformName(connect.variables.platform)} could not be connected`}>
          {messageOf(connect.error)}
        </Notice>
      )}
    </div>
  );
}

/** Goes through the login of the sandbox, which answers at once for a named account, and comes back to this screen. */
function useSampleLogin(environment: Environment, projectId: string | null) {
  return useMutation({
    mutationFn: async ({ platform, handle }: { readonly platform: PlatformName; readonly handle: string }) => {
      const returnUrl = new URL(`/console/${environment}/compose`, location.origin);
      if (projectId !== null) returnUrl.searchParams.set("project", projectId);
      const login = await clientOf(environment).socialAccounts.createOauthUrl({
        projectId: projectId ?? "",
        platform,
        returnUrl: returnUrl.href,
      });
      const address = new URL(login.authorizeUrl);
      address.searchParams.set("account", handle);
      address.searchParams.set("decision", "approve");
      location.assign(address);
      await new Promise(() => undefined); // the button stays pending until the page is left
    },
  });
}

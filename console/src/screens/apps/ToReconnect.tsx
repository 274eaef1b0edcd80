import { useMutation, useQuery } from "@tanstack/react-query";
import { Link2 } from "lucide-react";
import type { AppAccount, Environment, PlatformApp } from "presswork-client";
import { lazy, Suspense, useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { projectsQuery } from "../../api/projects";
import { accountName, platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { Loaded } from "../../ui/Loaded";
import { SecretDialog } from "../../ui/SecretDialog";
import { SkeletonRows } from "../../ui/Skeleton";
import { toastError } from "../../ui/toasts";
import { byProject, toMoveQuery } from "./apps";

const LINK_HOURS = 168;

const ReconnectDialog = lazy(async () => {
  const { ReconnectDialog } = await import("../accounts/ReconnectDialog");
  return { default: ReconnectDialog };
});

interface ToReconnectProps {
  readonly environment: Environment;
  readonly app: PlatformApp;
  /** Whether the viewer administers the installation. */
  readonly isAdmin: boolean;
}

/** The accounts that move to the app, or from it, when their owners log in again, by project. */
export function ToReconnect({ environment, app, isAdmin }: ToReconnectProps) {
  const query = useQuery(toMoveQuery(environment, app.id));
  const projects = useQuery(projectsQuery(environment)).data;
  const [chosen, setChosen] = useState<AppAccount | null>(null);
  return (
    <>
      <Loaded query={query} skeleton={<SkeletonRows rows={2} />}>
        {({ accounts, hasMore }) =>
          accounts.length === 0 ? (
            <p>No account has to be connected again.</p>
          ) : (
            <>
              <p>
                {hasMore ? "These accounts, and more after them," : "These accounts"} change their app when their owners
                log in again. Until then they keep the app that they have, and post as before.
              </p>
              {byProject(accounts).map(([projectId, own]) => (
                <ProjectAccounts
                  key={projectId}
                  environment={environment}
                  app={app}
                  projectId={projectId}
                  name={projects?.find(({ id }) => id === projectId)?.name ?? "A project"}
                  accounts={own}
                  onReconnect={setChosen}
                />
              ))}
            </>
          )
        }
      </Loaded>
      {chosen !== null && (
        <Suspense>
          <ReconnectDialog
            environment={environment}
            account={chosen}
            isAdmin={isAdmin}
            onClose={() => setChosen(null)}
          />
        </Suspense>
      )}
    </>
  );
}

interface ProjectAccountsProps {
  readonly environment: Environment;
  readonly app: PlatformApp;
  readonly projectId: string;
  readonly name: string;
  readonly accounts: readonly AppAccount[];
  readonly onReconnect: (account: AppAccount) => void;
}

/** Those of one project, with one link for all of them. */
function ProjectAccounts({ environment, app, projectId, name, accounts, onReconnect }: ProjectAccountsProps) {
  const [address, setAddress] = useState<string | null>(null);
  const make = useMutation({
    mutationFn: () =>
      clientOf(environment).connectLinks.create({
        projectId,
        reconnect: true,
        expiresInHours: LINK_HOURS,
        platforms: [...new Set(accounts.map(({ platform }) => platform))],
      }),
    onSuccess: ({ url }) => setAddress(url),
    onError: (error) => toastError(messageOf(error)),
  });
  return (
    <section className="app-group" aria-label={name}>
      <header>
        <h3>{name}</h3>
        <Button isPending={make.isPending} onPress={() => make.mutate()}>
          <Link2 aria-hidden /> {accounts.length === 1 ? "Link for its owner" : "One link for all"}
        </Button>
      </header>
      <ul>
        {accounts.map((account) => (
          <li key={account.socialAccountId}>
            <span>
              {accountName(account.platform, account.handle)}{" "}
              <span className="soft small">
                {platformName(account.platform)}, {account.platformAppId === app.id ? "leaves this app" : "moves here"}
              </span>
            </span>
            <Button
              kind="quiet"
              aria-label={`Reconnect ${accountName(account.platform, account.handle)}`}
              onPress={() => onReconnect(account)}
            >
              Reconnect
            </Button>
          </li>
        ))}
      </ul>
      <SecretDialog
        title={`Link to reconnect accounts of ${name}`}
        what="the link"
        secret={address}
        onClose={() => setAddress(null)}
      />
    </section>
  );
}

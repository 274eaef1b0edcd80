import { useQuery } from "@tanstack/react-query";
import type { AppAccount, Environment, PlatformApp } from "presswork-client";
import { lazy, Suspense, useState } from "react";
import { projectsQuery } from "../../api/projects";
import { accountName } from "../../platforms/platforms";
import { countOf } from "../../posts/queuedCount";
import { Button } from "../../ui/Button";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { byProject, toMoveQuery } from "./apps";

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

/** The accounts that move to the app when their owners log in again, by project. */
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
                {hasMore ? "More than " : ""}
                {countOf(accounts.length, "account")} still use another app, until the owner logs in again. Posts go on
                meanwhile.
              </p>
              {byProject(accounts).map(([projectId, own]) => (
                <section key={projectId} className="app-group" aria-label={nameOf(projectId, projects)}>
                  <h3>{nameOf(projectId, projects)}</h3>
                  <ul>
                    {own.map((account) => (
                      <li key={account.socialAccountId}>
                        <span>{accountName(account.platform, account.handle)}</span>
                        <Button
                          aria-label={`Reconnect ${accountName(account.platform, account.handle)}`}
                          onPress={() => setChosen(account)}
                        >
                          Reconnect
                        </Button>
                      </li>
                    ))}
                  </ul>
                </section>
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

function nameOf(projectId: string, projects: readonly { readonly id: string; readonly name: string }[] | undefined) {
  return projects?.find(({ id }) => id === projectId)?.name ?? "A project";
}

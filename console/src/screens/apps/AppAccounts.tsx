import { Link } from "@tanstack/react-router";
import { AtSign } from "lucide-react";
import type { Environment, PlatformApp } from "presswork-client";
import { clientOf } from "../../api/client";
import { usePages } from "../../api/usePages";
import { accountName, platformName } from "../../platforms/platforms";
import { Badge } from "../../ui/Badge";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { appsKey } from "./apps";

/** The accounts that were connected with the app. */
export function AppAccounts({ environment, app }: { readonly environment: Environment; readonly app: PlatformApp }) {
  const list = usePages([...appsKey(environment), app.id, "accounts"], () =>
    clientOf(environment).platformApps.listAccounts({ platformAppId: app.id }),
  );
  return (
    <>
      <h2 className="app-accounts-head">Accounts connected with it</h2>
      <div className="panel">
        <DataTable
          label="Accounts connected with it"
          list={list}
          idOf={(account) => account.socialAccountId}
          columns={[
            {
              name: "Account",
              cell: ({ socialAccountId, platform, handle }) => (
                <Link
                  to="/$environment/accounts/$accountId"
                  params={{ environment, accountId: socialAccountId }}
                  className="strong-link"
                >
                  {accountName(platform, handle)}
                </Link>
              ),
            },
            { name: "Network", isShort: true, cell: ({ platform }) => platformName(platform) },
            {
              name: "Access",
              isAtEnd: true,
              cell: ({ status }) =>
                status === "connected" ? <Badge tone="good">connected</Badge> : <Badge tone="bad">access ended</Badge>,
            },
          ]}
          empty={
            <EmptyState icon={AtSign} title="No accounts yet">
              Accounts that are connected from now on, where the app is used, appear here.
            </EmptyState>
          }
        />
      </div>
    </>
  );
}

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { RefreshCw, Unplug } from "lucide-react";
import type { Project, SocialAccount } from "presswork-client";
import { lazy, Suspense } from "react";
import { projectsQuery } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { accountName } from "../../platforms/platforms";
import { accountQuery } from "../../posts/queries";
import { BackLink } from "../../ui/BackLink";
import { Button } from "../../ui/Button";
import { Loaded } from "../../ui/Loaded";
import { RareActions } from "../../ui/RareActions";
import { SkeletonRows } from "../../ui/Skeleton";
import { AccountStatusBadge } from "./AccountBadges";
import { AccountFacts } from "./AccountFacts";
import "./accounts.css";
import { DisconnectDialog } from "./DisconnectDialog";
import { NextPosts } from "./NextPosts";
import { QuotaMeter } from "./quota";
import { Readiness } from "./Readiness";
import { ReconnectDialog } from "./ReconnectDialog";
import { needsLogin } from "./readiness";

const AccountResults = lazy(() => import("./AccountResults"));
const route = getRouteApi("/$environment/accounts/$accountId");

/** One account: what it is ready for, its quota and access, and what is next. */
export default function Account() {
  const { environment, accountId } = route.useParams();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const found = useQuery(accountQuery(environment, accountId));
  const projects = useQuery(projectsQuery(environment));
  const account = found.data;
  const show = (dialog: "again" | "disconnect") => void navigate({ search: (before) => ({ ...before, open: dialog }) });
  return (
    <Screen
      title={account === undefined ? "Account" : accountName(account.platform, account.handle)}
      aside={account && <AccountStatusBadge account={account} />}
      actions={
        account !== undefined &&
        session.scopes.includes("social:write") && (
          <>
            <Button kind={needsLogin(account) ? "primary" : "plain"} onPress={() => show("again")}>
              <RefreshCw aria-hidden /> Reconnect
            </Button>
            {account.status !== "disconnected" && (
              <RareActions
                actions={[{ label: "Disconnect", icon: Unplug, isDangerous: true, onAction: () => show("disconnect") }]}
              />
            )}
          </>
        )
      }
    >
      <BackLink to="/$environment/accounts" params={{ environment }}>
        All accounts
      </BackLink>
      <Loaded query={found} skeleton={<SkeletonRows />}>
        {(account) => <Parts account={account} projects={projects.data} />}
      </Loaded>
    </Screen>
  );
}

interface PartsProps {
  readonly account: SocialAccount;
  readonly projects: readonly Project[] | undefined;
}

function Parts({ account, projects }: PartsProps) {
  const { environment } = route.useParams();
  const { open, days } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const project = projects?.find((one) => one.id === account.projectId);
  const mayConnect = session.scopes.includes("social:write");
  const dialog = { environment, account, onClose: () => void navigate({ search: days === undefined ? {} : { days } }) };
  return (
    <>
      <div className="account">
        <div>
          <section className="panel account-part" aria-labelledby="account-readiness">
            <h2 id="account-readiness">Readiness</h2>
            <Readiness
              environment={environment}
              account={account}
              scopes={session.scopes}
              isAdmin={session.isInstallationAdmin}
            />
          </section>
          <section className="panel account-part" aria-labelledby="account-next">
            <div className="account-part-head">
              <h2 id="account-next">Next posts</h2>
              <Link to="/$environment/queue" params={{ environment }} search={{ account: account.socialAccountId }}>
                Open in the queue
              </Link>
            </div>
            <NextPosts environment={environment} account={account} zone={project?.timezone} />
          </section>
          {session.scopes.includes("insights:read") && (
            <Suspense>
              <AccountResults
                environment={environment}
                account={account}
                zone={project?.timezone}
                days={days}
                mayConnect={mayConnect}
              />
            </Suspense>
          )}
        </div>
        <div>
          <section className="panel account-part" aria-labelledby="account-quota">
            <h2 id="account-quota">Quota</h2>
            <QuotaMeter environment={environment} account={account} />
          </section>
          <section className="panel account-part" aria-labelledby="account-facts">
            <h2 id="account-facts">Access</h2>
            <AccountFacts environment={environment} account={account} project={project} />
          </section>
        </div>
      </div>
      {open === "again" && mayConnect && <ReconnectDialog {...dialog} isAdmin={session.isInstallationAdmin} />}
      {open === "disconnect" && mayConnect && account.status !== "disconnected" && <DisconnectDialog {...dialog} />}
    </>
  );
}

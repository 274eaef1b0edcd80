import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { RefreshCw, Unplug } from "lucide-react";
import { messageOf } from "../../api/errors";
import { projectsQuery } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { accountName } from "../../platforms/platforms";
import { accountQuery } from "../../posts/queries";
import { BackLink } from "../../ui/BackLink";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
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

const route = getRouteApi("/$environment/accounts/$accountId");

/** One account: what it is ready for, its quota and access, and what is next. */
export default function Account() {
  const { environment, accountId } = route.useParams();
  const { open } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const found = useQuery(accountQuery(environment, accountId));
  const projects = useQuery(projectsQuery(environment));
  if (found.isPending) {
    return (
      <Screen title="Account">
        <SkeletonRows />
      </Screen>
    );
  }
  if (found.isError) return <Missing message={messageOf(found.error)} />;
  const account = found.data;
  const project = projects.data?.find((one) => one.id === account.projectId);
  const mayConnect = session.scopes.includes("social:write");
  const isUrgent = needsLogin(account);
  const show = (dialog?: "again" | "disconnect") => void navigate({ search: dialog ? { open: dialog } : {} });
  const dialog = { environment, account, onClose: () => show() };
  return (
    <Screen
      title={accountName(account.platform, account.handle)}
      aside={<AccountStatusBadge account={account} />}
      actions={
        mayConnect && (
          <>
            <Button kind={isUrgent ? "primary" : "plain"} onPress={() => show("again")}>
              <RefreshCw aria-hidden /> Reconnect
            </Button>
            {account.status !== "disconnected" && (
              <Button kind="danger" onPress={() => show("disconnect")}>
                <Unplug aria-hidden /> Disconnect
              </Button>
            )}
          </>
        )
      }
    >
      <BackLink to="/$environment/accounts" params={{ environment }}>
        All accounts
      </BackLink>
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
    </Screen>
  );
}

function Missing({ message }: { readonly message: string }) {
  return (
    <Screen title="Account">
      <Notice tone="bad">{message}</Notice>
    </Screen>
  );
}

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Blocks, Plus } from "lucide-react";
import type { PlatformApp } from "presswork-client";
import { clientOf } from "../../api/client";
import { projectsQuery } from "../../api/projects";
import { usePages } from "../../api/usePages";
import { platformName } from "../../platforms/platforms";
import { numberOf } from "../../posts/queuedCount";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Skeleton } from "../../ui/Skeleton";
import { useSeen } from "../../ui/useSeen";
import { AddApp } from "./AddApp";
import "./apps.css";
import { appsKey, checkBadge, placesText, toMoveQuery } from "./apps";

const route = getRouteApi("/$environment/accounts-tabs/accounts/apps");

/** The apps that the organization registered with networks itself, in place of the installation's. */
export default function PlatformApps() {
  const { environment } = route.useParams();
  const { open } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  if (!session.scopes.includes("org:admin")) {
    return (
      <div className="panel">
        <EmptyState icon={Blocks} title="Apps are not shown">
          Administrators manage them. Ask one for the role Admin.
        </EmptyState>
      </div>
    );
  }
  const show = (dialog: "new" | undefined) => void navigate({ search: { open: dialog } });
  return (
    <>
      <div className="part-head">
        <p className="soft">
          With an app of your own, the network's consent page shows your name, and its limits count for you alone.
          Without one, accounts are connected with the app of this installation.
        </p>
        <Button kind="primary" onPress={() => show("new")}>
          <Plus aria-hidden /> Add an app
        </Button>
      </div>
      <AppTable />
      {open === "new" && (
        <AddApp
          environment={environment}
          onClose={() => show(undefined)}
          onAdded={({ id }) =>
            void navigate({ to: "/$environment/accounts/apps/$appId", params: { environment, appId: id } })
          }
        />
      )}
    </>
  );
}

function AppTable() {
  const { environment } = route.useParams();
  const projects = useQuery(projectsQuery(environment)).data;
  const list = usePages([...appsKey(environment), "list"], () => clientOf(environment).platformApps.list());
  return (
    <div className="panel">
      <DataTable
        label="Platform apps"
        list={list}
        idOf={(app) => app.id}
        columns={[
          {
            name: "Name",
            cell: ({ id, name }) => (
              <Link to="/$environment/accounts/apps/$appId" params={{ environment, appId: id }} className="strong-link">
                {name}
              </Link>
            ),
          },
          {
            name: "Network",
            isShort: true,
            cell: ({ platform }) => (
              <span className="account-platform">
                <PlatformIcon platform={platform} /> {platformName(platform)}
              </span>
            ),
          },
          {
            name: "Used in",
            cell: ({ projectIds }) => placesText(projectIds, (id) => projects?.find((one) => one.id === id)?.name),
          },
          {
            name: "ID and secret",
            isShort: true,
            cell: (app) => <Badge tone={checkBadge(app).tone}>{checkBadge(app).text}</Badge>,
          },
          { name: "Accounts", isAtEnd: true, cell: ({ accountCount }) => numberOf(accountCount) },
          { name: "To reconnect", isAtEnd: true, cell: (app) => <ToMoveCount app={app} /> },
        ]}
        empty={
          <EmptyState icon={Blocks} title="No apps of your own">
            Accounts are connected with the app of this installation. Register an app with a network, then add it here.
          </EmptyState>
        }
      />
    </div>
  );
}

/** How many accounts an app waits for, read once its row is on the screen. */
function ToMoveCount({ app }: { readonly app: PlatformApp }) {
  const { environment } = route.useParams();
  const [cell, isSeen] = useSeen<HTMLSpanElement>();
  const { data } = useQuery({ ...toMoveQuery(environment, app.id), enabled: isSeen });
  const count = data?.accounts.length ?? 0;
  return (
    <span ref={cell}>
      {data === undefined ? (
        <Skeleton width="2em" />
      ) : count === 0 ? (
        <span className="soft">none</span>
      ) : (
        <Badge tone="warn">{`${data.hasMore ? "more than " : ""}${count}`}</Badge>
      )}
    </span>
  );
}

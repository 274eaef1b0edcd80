import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { AtSign, FolderPlus, Plus } from "lucide-react";
import { lazy, Suspense } from "react";
import { isArchived, projectsQuery } from "../../api/projects";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { CreateProject } from "../projects/CreateProject";
import { AccountFilters } from "./AccountFilters";
import { AccountRow } from "./AccountRow";
import type { AccountFilter, AccountSearch } from "./filters";
import { useAccounts } from "./useAccounts";

const ConnectDialog = lazy(() => import("./ConnectDialog"));

const route = getRouteApi("/$environment/accounts-tabs/accounts");

/** The accounts of all projects; those that must be connected again come first. */
export default function AccountList() {
  const { environment } = route.useParams();
  const { open, ...filter } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const projects = useQuery(projectsQuery(environment));
  const list = useAccounts(environment, filter);
  const mayConnect = session.scopes.includes("social:write");
  const change = (changes: AccountSearch) => void navigate({ search: (before) => ({ ...before, ...changes }) });
  const close = () => change({ open: undefined });
  const active = (projects.data ?? []).filter((project) => !isArchived(project));
  const connect = mayConnect && active.length > 0 && (
    <Button kind="primary" onPress={() => change({ open: "connect" })}>
      <Plus aria-hidden /> Connect an account
    </Button>
  );
  if (projects.isPending) return <SkeletonRows rows={6} height="64px" />;
  return (
    <>
      {active.length > 0 && (
        <div className="part-head">
          <AccountFilters filter={filter} projects={projects.data ?? []} onChange={change} />
          {connect}
        </div>
      )}
      {list.error && <ErrorNotice error={list.error} />}
      {list.isPending && <SkeletonRows rows={6} height="64px" />}
      {!list.isPending && !list.error && list.rows.length === 0 && (
        <div className="panel">
          {active.length === 0 ? (
            <NoProject
              mayCreate={session.scopes.includes("projects:write")}
              onCreate={() => change({ open: "project" })}
            />
          ) : (
            <NoAccount filter={filter} connect={connect} onClear={() => void navigate({ search: {} })} />
          )}
        </div>
      )}
      {list.rows.length > 0 && (
        <ul className="panel accounts" aria-label="Accounts">
          {list.rows.map((account) => (
            <AccountRow
              key={account.socialAccountId}
              environment={environment}
              account={account}
              project={projects.data?.find((project) => project.id === account.projectId)}
              mayConnect={mayConnect}
            />
          ))}
        </ul>
      )}
      {list.hasMore && (
        <div className="more">
          <Button isPending={list.isFetchingMore} onPress={list.fetchMore}>
            Show more
          </Button>
        </div>
      )}
      {open === "connect" && mayConnect && (
        <Suspense>
          <ConnectDialog
            environment={environment}
            isAdmin={session.isInstallationAdmin}
            projects={active}
            projectId={filter.project}
            onClose={close}
          />
        </Suspense>
      )}
      {open === "project" && (
        <CreateProject
          environment={environment}
          onClose={close}
          onCreated={(project) => change({ open: "connect", project: project.id })}
        />
      )}
    </>
  );
}

function NoProject({ mayCreate, onCreate }: { readonly mayCreate: boolean; readonly onCreate: () => void }) {
  return (
    <EmptyState
      icon={FolderPlus}
      title="Create a project first"
      actions={
        mayCreate && (
          <Button kind="primary" onPress={onCreate}>
            <Plus aria-hidden /> New project
          </Button>
        )
      }
    >
      {mayCreate
        ? "A project holds the accounts and the content of one customer or brand. Create it, then connect its accounts."
        : "A project holds the accounts of one customer or brand. Ask an administrator to create one."}
    </EmptyState>
  );
}

interface NoAccountProps {
  readonly filter: AccountFilter;
  readonly connect: React.ReactNode;
  readonly onClear: () => void;
}

function NoAccount({ filter, connect, onClear }: NoAccountProps) {
  if (Object.values(filter).some((value) => value !== undefined)) {
    return (
      <EmptyState
        icon={AtSign}
        title="No account matches"
        actions={
          <>
            <Button onPress={onClear}>Show all accounts</Button>
            {connect}
          </>
        }
      >
        No account has this project, platform, status and handle.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={AtSign} title="No accounts yet" actions={connect}>
      {connect
        ? "Connect the accounts that posts go to. Their owners agree on the platform's own page."
        : "The accounts that posts go to appear here. People with the role Publisher or Admin connect them."}
    </EmptyState>
  );
}

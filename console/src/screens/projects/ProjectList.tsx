import { getRouteApi, Link } from "@tanstack/react-router";
import { FolderOpen, Plus } from "lucide-react";
import type { Project, ProjectStatus } from "presswork-client";
import { clientOf } from "../../api/client";
import { usePages } from "../../api/usePages";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Select } from "../../ui/Select";
import { Time } from "../../ui/Time";
import { CreateProject } from "./CreateProject";
import "./projects.css";

const route = getRouteApi("/$environment/accounts-tabs/accounts/projects");
const STATUS_CHOICES: readonly { readonly id: ProjectStatus; readonly label: string }[] = [
  { id: "active", label: "Active" },
  { id: "archived", label: "Archived" },
];

/** The projects of this environment. */
export default function ProjectList() {
  const { environment } = route.useParams();
  const { status = "active", open } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const list = usePages([environment, "projects", "list", status], () =>
    clientOf(environment).projects.list({ status }),
  );
  const show = (dialog: "new" | undefined) => void navigate({ search: (before) => ({ ...before, open: dialog }) });
  const create = session.scopes.includes("projects:write") && (
    <Button kind="primary" onPress={() => show("new")}>
      <Plus aria-hidden /> New project
    </Button>
  );
  return (
    <>
      <div className="part-head">
        <div className="project-filter">
          <Select
            label="Status"
            isLabelHidden
            choices={STATUS_CHOICES}
            value={status}
            onChange={(chosen) => void navigate({ search: { status: chosen } })}
          />
        </div>
        {create}
      </div>
      <div className="panel">
        <DataTable
          label="Projects"
          list={list}
          idOf={(project) => project.id}
          columns={[
            {
              name: "Name",
              cell: (project) => (
                <Link
                  to="/$environment/accounts/projects/$projectId"
                  params={{ environment, projectId: project.id }}
                  className="strong-link"
                >
                  {project.name}
                </Link>
              ),
            },
            { name: "Time zone", cell: (project) => project.timezone.replaceAll("_", " ") },
            { name: "Review", cell: (project) => <ReviewBadge project={project} /> },
            {
              name: "Accounts",
              cell: (project) => (
                <Link to="/$environment/accounts" params={{ environment }} search={{ project: project.id }}>
                  Show
                </Link>
              ),
            },
            { name: "Created", isAtEnd: true, cell: (project) => <Time at={project.createdAt} isRelative /> },
          ]}
          empty={
            status === "archived" ? (
              <EmptyState icon={FolderOpen} title="No archived projects">
                An archived project keeps its content and posts, and accepts nothing new.
              </EmptyState>
            ) : (
              <EmptyState icon={FolderOpen} title="No projects yet">
                {create
                  ? "A project holds the accounts and the content of one customer or brand. It is the first thing to create."
                  : "A project holds the accounts and the content of one customer or brand. An administrator creates it."}
              </EmptyState>
            )
          }
        />
      </div>
      {open === "new" && (
        <CreateProject
          environment={environment}
          onClose={() => show(undefined)}
          onCreated={({ id }) =>
            void navigate({ to: "/$environment/accounts/projects/$projectId", params: { environment, projectId: id } })
          }
        />
      )}
    </>
  );
}

function ReviewBadge({ project }: { readonly project: Project }) {
  return project.requiresApproval ? <Badge tone="info">Review</Badge> : <span className="soft">None</span>;
}

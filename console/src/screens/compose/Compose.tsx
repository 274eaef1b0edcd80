import { getRouteApi } from "@tanstack/react-router";
import { PenLine } from "lucide-react";
import { Screen } from "../../app/Screen";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import "./compose.css";
import { useActiveProjects } from "../../api/projects";
import { ComposeForm } from "./ComposeForm";
import { FirstProject } from "./ProjectField";

const route = getRouteApi("/$environment/compose");

/** Writes content and sends it to accounts. */
export default function Compose() {
  const { environment } = route.useParams();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const projects = useActiveProjects(environment);
  if (!session.scopes.includes("content:write")) {
    return (
      <Screen title="Compose">
        <div className="panel">
          <EmptyState icon={PenLine} title="Your role can't write content">
            Authors, publishers and administrators can. Ask an administrator for another role.
          </EmptyState>
        </div>
      </Screen>
    );
  }
  if (projects.data === undefined || projects.data.length === 0) {
    return (
      <Screen title="Compose">
        {projects.isPending && <SkeletonRows rows={6} />}
        {projects.isError && <ErrorNotice error={projects.error} />}
        {projects.data !== undefined && (
          <FirstProject
            environment={environment}
            mayCreate={session.scopes.includes("projects:write")}
            onCreated={(project) => void navigate({ search: { project } })}
          />
        )}
      </Screen>
    );
  }
  return <ComposeForm key={environment} environment={environment} projects={projects.data} session={session} />;
}

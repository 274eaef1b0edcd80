import { useQuery } from "@tanstack/react-query";
import type { LucideIcon } from "lucide-react";
import type { Environment } from "presswork-client";
import type { ReactNode } from "react";
import { isArchived, projectsQuery } from "../../api/projects";
import { EmptyState } from "../../ui/EmptyState";
import { Select } from "../../ui/Select";
import { SkeletonRows } from "../../ui/Skeleton";

interface ProjectFilterProps {
  readonly environment: Environment;
  /** The id of the chosen project; undefined stands for the first one that is not archived. */
  readonly chosen: string | undefined;
  readonly onChange: (projectId: string) => void;
  /** What is listed, as in “A link belongs to a project”, and its icon. */
  readonly what: string;
  readonly icon: LucideIcon;
  /** Shows what belongs to a project. */
  readonly children: (projectId: string) => ReactNode;
}

/** The choice of a project above a list of what belongs to it. */
export function ProjectFilter({ environment, chosen, onChange, what, icon, children }: ProjectFilterProps) {
  const projects = useQuery(projectsQuery(environment));
  const active = (projects.data ?? []).filter((project) => !isArchived(project));
  const projectId = chosen ?? active[0]?.id;
  if (projects.isPending) return <SkeletonRows rows={3} />;
  if (projectId === undefined) {
    return (
      <div className="panel">
        <EmptyState icon={icon} title="No projects yet">
          {what} belongs to a project. Create one under Projects first.
        </EmptyState>
      </div>
    );
  }
  return (
    <>
      <div className="account-filters layers-filter">
        <Select
          label="Project"
          choices={(projects.data ?? []).map(({ id, name }) => ({ id, label: name }))}
          value={projectId}
          onChange={onChange}
        />
      </div>
      {children(projectId)}
    </>
  );
}

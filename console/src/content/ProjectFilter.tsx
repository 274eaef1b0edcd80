import { useQuery } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { projectsQuery } from "../api/projects";
import { Select } from "../ui/Select";

const ALL = "all";

interface ProjectFilterProps {
  readonly environment: Environment;
  /** undefined: all projects. */
  readonly value: string | undefined;
  readonly onChange: (projectId: string | undefined) => void;
}

/** Chooses one project, or all. Nothing, where there is only one. */
export function ProjectFilter({ environment, value, onChange }: ProjectFilterProps) {
  const projects = useQuery(projectsQuery(environment));
  if ((projects.data?.length ?? 0) < 2) return null;
  const choices = (projects.data ?? []).map(({ id, name }) => ({ id, label: name }));
  return (
    <Select
      label="Project"
      isLabelHidden
      choices={[{ id: ALL, label: "All projects" }, ...choices]}
      value={value ?? ALL}
      onChange={(id) => onChange(id === ALL ? undefined : id)}
    />
  );
}

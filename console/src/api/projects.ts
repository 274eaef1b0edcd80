import { queryOptions } from "@tanstack/react-query";
import type { Environment, Project } from "presswork-client";
import { clientOf } from "./client";

/** All projects of an environment, by name; archived ones are last. */
export function allProjectsQuery(environment: Environment) {
  return queryOptions({
    queryKey: [environment, "projects", "all", "by-name"],
    queryFn: async () => {
      const projects: Project[] = [];
      for await (const project of clientOf(environment).projects.list({ limit: 100 })) projects.push(project);
      return projects.sort(
        (one, other) => Number(isArchived(one)) - Number(isArchived(other)) || one.name.localeCompare(other.name),
      );
    },
    staleTime: 60_000,
  });
}

/** Whether a project accepts nothing any more. */
export function isArchived(project: Project): boolean {
  return project.status === "archived";
}

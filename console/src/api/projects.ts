import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Environment, Project } from "presswork-client";
import { useCallback } from "react";
import { viewerZone } from "../ui/times";
import { clientOf } from "./client";

const PAGE = 100;

/** All projects that the person sees, by name; archived ones are last. */
export function projectsQuery(environment: Environment) {
  return queryOptions({
    queryKey: [environment, "projects", "all"],
    queryFn: async (): Promise<readonly Project[]> => {
      const projects: Project[] = [];
      for await (const project of clientOf(environment).projects.list({ limit: PAGE })) projects.push(project);
      return projects.sort(
        (one, other) => Number(isArchived(one)) - Number(isArchived(other)) || one.name.localeCompare(other.name),
      );
    },
    staleTime: 5 * 60_000,
  });
}

/** One project. */
export function projectQuery(environment: Environment, projectId: string) {
  return queryOptions({
    queryKey: [environment, "projects", projectId],
    queryFn: () => clientOf(environment).projects.get({ projectId }),
  });
}

/** Whether a project accepts nothing any more. */
export function isArchived(project: Project): boolean {
  return project.status === "archived";
}

/** The time zone of a screen about all projects: theirs, if they have the same, otherwise the viewer's. */
export function sharedZone(projects: readonly Project[]): string {
  const zones = new Set(projects.filter((project) => !isArchived(project)).map(({ timezone }) => timezone));
  const [zone] = zones;
  return zone !== undefined && zones.size === 1 ? zone : viewerZone();
}

/** Returns a function from the id of a project to its time zone; the viewer's until that is known. */
export function useZones(environment: Environment): (projectId: string) => string {
  const projects = useQuery(projectsQuery(environment)).data;
  return useCallback(
    (projectId) => projects?.find((project) => project.id === projectId)?.timezone ?? viewerZone(),
    [projects],
  );
}

/** Returns the time zone of a screen's days: the project's, or that of all projects. The viewer's until it is known. */
export function useZoneOfDays(environment: Environment, projectId: string | undefined): string {
  const projects = useQuery(projectsQuery(environment)).data ?? [];
  return projects.find(({ id }) => id === projectId)?.timezone ?? sharedZone(projects);
}

/** The projects in which something can be made. */
export function useActiveProjects(environment: Environment) {
  return useQuery({ ...projectsQuery(environment), select: active });
}

function active(projects: readonly Project[]): readonly Project[] {
  return projects.filter((project) => !isArchived(project));
}

import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Environment, Project } from "presswork-client";
import { clientOf } from "../api/client";
import { viewerZone } from "../ui/times";

const PAGE = 100;

/** All projects that the person sees. */
export function projectsQuery(environment: Environment) {
  return queryOptions({
    queryKey: [environment, "projects"],
    queryFn: async (): Promise<readonly Project[]> => {
      const projects: Project[] = [];
      for await (const project of clientOf(environment).projects.list({ limit: PAGE })) projects.push(project);
      return projects;
    },
    staleTime: 5 * 60_000,
  });
}

/** Returns a function from the id of a project to its time zone; the viewer's until that is known. */
export function useZones(environment: Environment): (projectId: string) => string {
  const projects = useQuery(projectsQuery(environment));
  return (projectId) => projects.data?.find((project) => project.id === projectId)?.timezone ?? viewerZone();
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, Project, ProjectsUpdateParams } from "presswork-client";
import { clientOf } from "../../api/client";
import { projectQuery } from "../../api/projects";
import { toast } from "../../ui/toasts";

/** Saves a part of a project. */
export function useProjectSave(environment: Environment, projectId: string, saved: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: Omit<ProjectsUpdateParams, "projectId">): Promise<Project> =>
      clientOf(environment).projects.update({ projectId, ...change }),
    onSuccess: (project) => {
      toast(saved);
      queries.setQueryData(projectQuery(environment, projectId).queryKey, project);
      void queries.invalidateQueries({ queryKey: [environment, "projects"] });
      void queries.invalidateQueries({ queryKey: [environment, "preflight"] });
    },
  });
}

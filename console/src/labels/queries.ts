import { queryOptions } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { clientOf } from "../api/client";

/** The labels that content has, the most used first; of one project, or all. */
export function labelsQuery(environment: Environment, projectId: string | undefined) {
  return queryOptions({
    queryKey: [environment, "content", "labels", projectId],
    queryFn: async () => (await clientOf(environment).labels.list({ projectId })).items,
    staleTime: 60_000,
  });
}

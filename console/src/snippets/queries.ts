import { queryOptions } from "@tanstack/react-query";
import type { Environment, Snippet } from "presswork-client";
import { clientOf } from "../api/client";

/** The snippets of a project, by name. */
export function snippetsQuery(environment: Environment, projectId: string) {
  return queryOptions({
    queryKey: [environment, "snippets", projectId],
    queryFn: async (): Promise<readonly Snippet[]> => {
      const snippets: Snippet[] = [];
      for await (const one of clientOf(environment).snippets.list({ projectId, limit: 100 })) snippets.push(one);
      return snippets.toSorted((one, other) => one.name.localeCompare(other.name));
    },
    staleTime: 60_000,
  });
}

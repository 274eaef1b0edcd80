import { queryOptions } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { clientOf } from "../../api/client";

const REFRESH_MS = 2_000;

/** The exports of a project, read again while one is made. */
export function exportsQuery(environment: Environment, projectId: string) {
  return queryOptions({
    queryKey: [environment, "exports", projectId],
    queryFn: async () => (await clientOf(environment).projects.listExports({ projectId, limit: 5 })).items,
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === "running") ? REFRESH_MS : false),
  });
}

/** The erasure of a project, or null; read again while it runs. */
export function erasureQuery(environment: Environment, projectId: string) {
  return queryOptions({
    queryKey: [environment, "erasures", projectId],
    queryFn: async () => {
      for await (const erasure of clientOf(environment).projects.listErasures()) {
        if (erasure.projectId === projectId) return erasure;
      }
      return null;
    },
    refetchInterval: ({ state }) => (state.data?.status === "running" ? REFRESH_MS : false),
  });
}

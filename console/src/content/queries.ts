import { queryOptions } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { clientOf } from "../api/client";

const MOST_POSTS = 100;

/** The decisions on content, and what was edited since the last one. */
export function reviewQuery(environment: Environment, containerId: string) {
  return queryOptions({
    queryKey: [environment, "content", containerId, "review"],
    queryFn: () => clientOf(environment).approval.getReview({ containerId }),
  });
}

/** The schedule calls that wait until content is approved. */
export function intentsQuery(environment: Environment, containerId: string) {
  return queryOptions({
    queryKey: [environment, "content", containerId, "intents"],
    queryFn: async () => (await clientOf(environment).approval.listIntents({ containerId })).items,
  });
}

/** The posts of content, the latest first. */
export function postsOfContentQuery(environment: Environment, containerId: string) {
  return queryOptions({
    queryKey: [environment, "posts", "of", containerId],
    queryFn: async () => {
      const page = await clientOf(environment).publishing.searchPosts({ containerId, limit: MOST_POSTS });
      return page.items;
    },
  });
}

/** Which new content of a project needs approval. */
export function policyQuery(environment: Environment, projectId: string) {
  return queryOptions({
    queryKey: [environment, "projects", projectId, "policy"],
    queryFn: () => clientOf(environment).approval.getPolicy({ projectId }),
    staleTime: 60_000,
  });
}

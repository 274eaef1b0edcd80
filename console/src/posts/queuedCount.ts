import { queryOptions } from "@tanstack/react-query";
import type { Environment, PublishingSearchPostsParams } from "presswork-client";
import { clientOf } from "../api/client";

const MOST = 100;

/** How many queued posts an account or a project has, in words: "none", "3 queued posts", "More than 100 queued posts". */
export function queuedCountQuery(
  environment: Environment,
  of: Pick<PublishingSearchPostsParams, "socialAccountId" | "projectId">,
) {
  return queryOptions({
    queryKey: [environment, "posts", "queued-count", of],
    queryFn: async () => {
      const page = await clientOf(environment).publishing.searchPosts({ ...of, status: ["queued"], limit: MOST });
      if (page.hasNextPage) return `More than ${MOST} queued posts`;
      return page.items.length === 0 ? "none" : countOf(page.items.length, "queued post");
    },
  });
}

/** "1 queued post", "2 queued posts". */
export function countOf(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

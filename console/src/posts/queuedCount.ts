import { queryOptions } from "@tanstack/react-query";
import type { Environment, PublishingSearchPostsParams } from "presswork-client";
import { clientOf } from "../api/client";

/** How many queued posts an account or a project has, in words: "none", "3 queued posts", "More than 100,000 queued posts". */
export function queuedCountQuery(
  environment: Environment,
  of: Pick<PublishingSearchPostsParams, "socialAccountId" | "projectId">,
) {
  return queryOptions({
    queryKey: [environment, "posts", "queued-count", of],
    queryFn: async () => {
      const { total, isCapped } = await clientOf(environment).publishing.countPosts({ ...of, status: ["queued"] });
      if (total === 0) return "none";
      return isCapped ? `More than ${numberOf(total)} queued posts` : countOf(total, "queued post");
    },
  });
}

/** "1 queued post", "2 queued posts". */
export function countOf(count: number, name: string): string {
  return `${numberOf(count)} ${name}${count === 1 ? "" : "s"}`;
}

/** "5,064" */
export function numberOf(count: number): string {
  return count.toLocaleString("en");
}

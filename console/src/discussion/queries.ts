import { queryOptions } from "@tanstack/react-query";
import type { ContentComment, Environment } from "presswork-client";
import { clientOf } from "../api/client";

const PAGE = 100;

/** What was said about content, the oldest first. Events of content refresh it. */
export function discussionQuery(environment: Environment, containerId: string) {
  return queryOptions({
    queryKey: [environment, "content", containerId, "comments"],
    queryFn: async (): Promise<readonly ContentComment[]> => {
      const comments: ContentComment[] = [];
      const { content } = clientOf(environment);
      for await (const one of content.listComments({ containerId, limit: PAGE })) comments.push(one);
      return comments.toSorted((one, other) => Date.parse(one.createdAt) - Date.parse(other.createdAt));
    },
  });
}

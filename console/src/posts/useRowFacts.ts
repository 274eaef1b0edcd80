import { useQuery } from "@tanstack/react-query";
import type { Environment, ScheduledPost } from "presswork-client";
import { accountQuery, contentQuery } from "./queries";

/** What a row shows of a post beside its own fields; undefined until it is known. */
export interface RowFacts {
  readonly caption: string | undefined;
  readonly thumbnailUrl: string | null | undefined;
  readonly handle: string | undefined;
}

/** Returns what a row shows of a post's content and account. */
export function useRowFacts(environment: Environment, post: ScheduledPost): RowFacts {
  const content = useQuery(contentQuery(environment, post.containerId));
  const account = useQuery(accountQuery(environment, post.socialAccountId));
  return {
    caption: post.captionOverride ?? content.data?.caption,
    thumbnailUrl: content.data?.media[0]?.thumbnailUrl,
    handle: account.data?.handle,
  };
}

import { useQuery } from "@tanstack/react-query";
import type { Environment, FoundPost, ScheduledPost } from "presswork-client";
import { accountQuery, contentQuery } from "./queries";

/** What a person knows a post by, beside its own fields; undefined until it is known. */
export interface RowFacts {
  readonly caption: string | undefined;
  readonly thumbnailUrl: string | null | undefined;
  readonly handle: string | undefined;
}

/** Returns what a person knows a post by. A post of a list has it; for another one, its content and account are read. */
export function useRowFacts(environment: Environment, post: ScheduledPost | FoundPost): RowFacts {
  const found = "account" in post ? post : undefined;
  const enabled = found === undefined;
  const content = useQuery({ ...contentQuery(environment, post.containerId), enabled }).data;
  const account = useQuery({ ...accountQuery(environment, post.socialAccountId), enabled }).data;
  if (found !== undefined) {
    return { caption: found.caption, thumbnailUrl: found.thumbnailUrl, handle: found.account.handle };
  }
  return {
    caption: post.captionOverride ?? content?.caption,
    thumbnailUrl: content?.media[0]?.thumbnailUrl ?? content?.link?.thumbnailUrl,
    handle: account?.handle,
  };
}

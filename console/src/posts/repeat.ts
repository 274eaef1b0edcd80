import { queryOptions, skipToken } from "@tanstack/react-query";
import type { Environment, PreflightResult, ScheduledPost, TargetParam } from "presswork-client";
import { clientOf } from "../api/client";
import { failureSentence } from "./failureSentence";

/** Texts with which a post would be repeated, where they are not those that it has. */
export interface RepeatedTexts {
  readonly caption?: string;
  readonly firstComment?: string;
}

/** Asks why a post would fail again, with what it has and what its content has now; null: no reason is known. Asks nothing without one. */
export function repeatQuery(environment: Environment, post: ScheduledPost | undefined, texts: RepeatedTexts = {}) {
  return queryOptions({
    queryKey: [environment, "posts", post?.id, "repeat", texts],
    queryFn:
      post === undefined
        ? skipToken
        : async ({ signal }): Promise<string | null> => {
            const call = { containerId: post.containerId, targets: [targetOf(post, texts)] };
            return findingOf(await clientOf(environment).publishing.preflight(call, { signal }), post);
          },
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
}

/** Returns the first reason why a post would fail, as a person reads it; null: none is known. */
function findingOf({ errors, targets }: PreflightResult, { platform }: ScheduledPost): string | null {
  const [error] = [...errors, ...(targets[0]?.errors ?? [])];
  return error === undefined ? null : failureSentence(error, platform);
}

/** Returns a post as a target to publish. */
export function targetOf(post: ScheduledPost, texts: RepeatedTexts): TargetParam {
  const { socialAccountId, mode } = post;
  const names = Object.keys(post).filter((name) => name.endsWith("PostSettings") || OPTIONS.has(name));
  const options = names.flatMap((name) => {
    const value = post[name as keyof ScheduledPost];
    return value === null ? [] : [[name, value] as const];
  });
  const caption = post.captionOverride ?? texts.caption;
  const firstComment = post.firstCommentOverride ?? texts.firstComment;
  return {
    socialAccountId,
    mode,
    ...Object.fromEntries(options),
    ...(caption !== undefined && { captionOverride: caption }),
    ...(firstComment !== undefined && { firstCommentOverride: firstComment }),
  };
}

const OPTIONS: ReadonlySet<string> = new Set(["shareReelToFeed", "tiktokMusic", "autoSplit", "joinParts"]);

import type { Content, ScheduledPost } from "presswork-client";
import type { PreviewedPoll } from "./Phone";

/** Returns the texts that an account gets. */
export function textsOf(post: ScheduledPost, content: Content): { readonly caption: string; readonly comment: string } {
  return {
    caption: post.captionOverride ?? content.caption,
    comment: post.firstCommentOverride ?? content.firstComment ?? "",
  };
}

/** Whether a post is a story. */
export function isStoryPost({ instagramPostSettings, facebookPostSettings }: ScheduledPost): boolean {
  return instagramPostSettings?.placement === "story" || facebookPostSettings?.placement === "story";
}

/** Returns the frame of a video, and the picture, that show first. */
export function coverOf(post: ScheduledPost): { readonly coverMs: number | null; readonly first: number } {
  const { instagramPostSettings, tiktokPostSettings, youtubePostSettings, pinterestPostSettings } = post;
  return {
    coverMs:
      instagramPostSettings?.coverTimestampMs ??
      tiktokPostSettings?.coverTimestampMs ??
      pinterestPostSettings?.coverTimestampMs ??
      youtubePostSettings?.thumbnail?.timestampMs ??
      null,
    first: tiktokPostSettings?.coverIndex ?? 0,
  };
}

/** Returns the title of a post; null on platforms without titles. */
export function titleOf({ platform, youtubePostSettings }: ScheduledPost, caption: string): string | null {
  if (platform !== "youtube") return null;
  return youtubePostSettings?.title ?? caption.trim().split("\n", 1)[0] ?? "";
}

/** Returns the poll of a post; null without one. */
export function pollOf({ threadsPostSettings, linkedinPostSettings }: ScheduledPost): PreviewedPoll | null {
  if (linkedinPostSettings?.poll) return linkedinPostSettings.poll;
  return threadsPostSettings?.poll ? { question: "", options: threadsPostSettings.poll.options } : null;
}

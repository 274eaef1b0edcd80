import type { ScheduledPost } from "presswork-client";
import { platformName } from "../platforms/platforms";

/** Whether a post is no longer on its platform. */
export function isOffLine({ liveStatus }: Pick<ScheduledPost, "liveStatus">): boolean {
  return liveStatus === "taken_down" || liveStatus === "gone";
}

/** Where a person sees a live post and what its link says, or null, also once it is taken down. The platform's own URL leads nowhere for a test post. */
export function livePageOf(
  post: Pick<ScheduledPost, "platform" | "externalUrl" | "sandboxUrl" | "liveStatus">,
): { readonly url: string; readonly label: string } | null {
  if (isOffLine(post)) return null;
  if (post.sandboxUrl !== null) return { url: post.sandboxUrl, label: "Open in the sandbox" };
  return post.externalUrl === null ? null : { url: post.externalUrl, label: `Open on ${platformName(post.platform)}` };
}

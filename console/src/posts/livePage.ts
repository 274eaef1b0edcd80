import type { ScheduledPost } from "presswork-client";
import { platformName } from "../platforms/platforms";

/** Where a person sees a live post and what its link says, or null. The platform's own URL leads nowhere for a test post. */
export function livePageOf(
  post: Pick<ScheduledPost, "platform" | "externalUrl" | "sandboxUrl">,
): { readonly url: string; readonly label: string } | null {
  if (post.sandboxUrl !== null) return { url: post.sandboxUrl, label: "Open in the sandbox" };
  return post.externalUrl === null ? null : { url: post.externalUrl, label: `Open on ${platformName(post.platform)}` };
}

import type { ScheduledPost } from "presswork-client";
import { platformName } from "../../ui/PlatformIcon";

/** What the rows of newer servers carry in addition. */
interface Listed {
  readonly caption?: string | null;
  readonly account?: { readonly handle: string };
}

/** Returns the caption that the account gets. */
export function captionOf(post: ScheduledPost & Listed): string {
  return post.caption ?? post.captionOverride ?? "";
}

/** Returns "@warm.bread", or the platform. */
export function handleOf(post: ScheduledPost & Listed): string {
  return post.account === undefined ? platformName(post.platform) : `@${post.account.handle}`;
}

import { accountName, platformName } from "../../platforms/platforms";
import type { CalendarPost } from "./posts";

/** Returns the caption that the account gets. */
export function captionOf(post: CalendarPost): string {
  return post.caption ?? post.captionOverride ?? "";
}

/** Returns "@warm.bread", or the platform. */
export function handleOf(post: CalendarPost): string {
  return post.account === undefined ? platformName(post.platform) : accountName(post.platform, post.account.handle);
}

import type { LiveStatus, ScheduledPost, SocialAccount } from "presswork-client";
import { personText } from "../api/personText";
import { platformName } from "../platforms/platforms";

/** Posts that a person has to look after: they should be taken down, and are live. */
export const NOT_TAKEN_DOWN = ["take_down_failed", "not_supported"] as const satisfies readonly LiveStatus[];

/** Posts that can be taken down. */
export const LIVE = ["live", ...NOT_TAKEN_DOWN] as const satisfies readonly LiveStatus[];

/** Whether a post should be taken down, and is live. */
export function isNotTakenDown(liveStatus: LiveStatus | null): boolean {
  return NOT_TAKEN_DOWN.some((one) => one === liveStatus);
}

/** Whether something was done to a live post, or is to be. */
export function hasAfterwards({ liveStatus, lastEdit }: Pick<ScheduledPost, "liveStatus" | "lastEdit">): boolean {
  return lastEdit !== null || (liveStatus !== null && liveStatus !== "live");
}

/** Whether a post is live on a network that lets programs change it. What else it needs, the dialog says. */
export function canEditLiveOf(
  { liveStatus, mode, parts }: Pick<ScheduledPost, "liveStatus" | "mode" | "parts">,
  { readiness }: Pick<SocialAccount, "readiness">,
): boolean {
  const isLive = LIVE.some((one) => one === liveStatus);
  return isLive && mode === "publish" && parts === null && readiness.edit.reason !== "not_supported";
}

/** Returns what a person must do about a post that could not be taken down. Its link is beside it. */
export function adviceOf(post: Pick<ScheduledPost, "liveAdvice" | "externalUrl" | "platform">): string {
  const { liveAdvice, externalUrl, platform } = post;
  const text = (externalUrl === null ? liveAdvice : liveAdvice?.replace(externalUrl, ""))?.trim() ?? "";
  return (text === "" ? null : personText(text)) ?? `Delete the post on ${platformName(platform)} yourself.`;
}

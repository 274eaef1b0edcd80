import type { FailureCode, PlatformName, ScheduledPost } from "presswork-client";
import { personText } from "../api/personText";
import { platformName } from "../platforms/platforms";

/** Why a post failed, in our words, where the server's have names of settings or codes. */
const SENTENCES: Readonly<Record<FailureCode, (platform: string) => string>> = {
  PLATFORM_REJECTED: (platform) => `${platform} refused this post. Nothing is live. Change it, then publish it again.`,
  MEDIA_REJECTED: (platform) => `${platform} can't use this picture or video. Nothing is live. Publish another file.`,
  CREDENTIAL_INVALID: (platform) =>
    `The access to this account on ${platform} has ended. Nothing is live. Connect the account again, then publish again.`,
  ACCOUNT_NOT_ELIGIBLE: (platform) =>
    `${platform} does not let this account publish. Nothing is live. Look at its status in ${platform}'s own app.`,
  PLATFORM_RATE_LIMITED: (platform) =>
    `${platform} allowed no more posts of this account for two days. Nothing is live. Publish again later, and spread the posts.`,
  PLATFORM_UNAVAILABLE: (platform) =>
    `${platform} did not answer as it should for too long. Nothing is live. Publish again later.`,
  OPERATOR_PHONE_UNVERIFIED: () =>
    "The text message was not sent: the phone that it goes to is not verified. Ask an administrator to verify it.",
  DELIVERY_FAILED: () => "It could not be delivered. Nothing is live. Try again, or ask an administrator.",
  PROVIDER_REJECTED: () =>
    "The provider refused this post. Nothing is live. Change it, or ask the provider, then publish again.",
  OUTCOME_UNKNOWN: (platform) =>
    `${platform} did not say whether the post is live. Look at the account before you publish it again.`,
  CANCELED_BY_PLATFORM: (platform) =>
    `It was canceled outside of Presswork, on ${platform} or by its provider. Nothing is live.`,
  PLATFORM_LIMIT: (platform) =>
    `It is beyond a limit of ${platform}. Nothing is live. Change it, then publish it again.`,
  INTERNAL: () =>
    "Something is wrong with Presswork or its set-up. Nothing is live. Ask an administrator, then publish again.",
};

/** Returns what a person reads about a post that failed, or would fail. `code` may be one that is not known here. */
export function failureSentence(
  { code, message }: { readonly code: string; readonly message: string },
  platform: PlatformName,
): string {
  const sentences: Readonly<Record<string, (platform: string) => string>> = SENTENCES;
  return personText(message) ?? sentences[code]?.(platformName(platform)) ?? "It failed. Ask an administrator.";
}

/** Failures that a repetition cannot cure: the post itself has to change. */
const IN_THE_POST: ReadonlySet<FailureCode> = new Set([
  "PLATFORM_LIMIT",
  "PLATFORM_REJECTED",
  "MEDIA_REJECTED",
  "PROVIDER_REJECTED",
]);

/** Whether a post failed by what it is, so that it fails again as it is. */
export function failedByItself({ status, lastError }: Pick<ScheduledPost, "status" | "lastError">): boolean {
  return status === "failed" && lastError !== null && IN_THE_POST.has(lastError.code);
}

const ABOUT_FILES = /\b(?:videos?|pictures?|carousel|item \d+|PDF|file)\b/i;

/**
 * Returns where a post that failed by itself is changed: the `texts` of its content, or another `post`, because its files or what it
 * has of its own can't be edited. null: nothing of it has to change.
 */
export function cureOf(post: Pick<ScheduledPost, "status" | "lastError" | "captionOverride">): "texts" | "post" | null {
  const { lastError, captionOverride } = post;
  if (!failedByItself(post) || lastError === null) return null;
  const isAboutFiles = lastError.code === "MEDIA_REJECTED" || ABOUT_FILES.test(lastError.message);
  return isAboutFiles || captionOverride !== null || lastError.step === "options" ? "post" : "texts";
}

import type { Event, PlatformName, TimelineItem } from "presswork-client";
import { personText } from "../api/personText";
import { platformName } from "../platforms/platforms";

/** What happened, in our words, where the server's name its own parts or use codes. */
const SENTENCES: Readonly<Record<Event, (platform: string) => string>> = {
  queued: () => "Planned.",
  claimed: () => "Publishing started.",
  waiting: (platform) => `Waits for ${platform}.`,
  retrying: () => "A temporary error: it is tried again.",
  preparing: (platform) => `Prepared for ${platform}.`,
  prepared: () => "Ready to go live.",
  going_live: (platform) => `${platform} was asked to publish it.`,
  live: (platform) => `${platform} has published it.`,
  reconciled: (platform) => `Looked up on ${platform} whether it is live.`,
  media_converted: (platform) => `A file was converted for ${platform}. The original is unchanged.`,
  permalink: (platform) => `${platform} gave the address of the post.`,
  first_comment: () => "The first comment.",
  extra: () => "An addition to the live post.",
  token_refreshed: () => "The access to the account was renewed.",
  rescheduled: () => "Moved to another time.",
  edited: () => "Edited.",
  platform_notice: (platform) => `${platform} reported something about the post.`,
  published: () => "Published.",
  drafted: () => "Delivered as a draft.",
  failed: () => "It failed.",
  canceled: () => "Canceled.",
  taking_down: (platform) => `It is being taken down from ${platform}.`,
  taken_down: (platform) => `It was taken down from ${platform}.`,
  gone: (platform) => `It was deleted on ${platform} before.`,
  take_down_failed: () => "It could not be taken down.",
  editing_live: (platform) => `It is being changed on ${platform}.`,
  edited_live: (platform) => `It was changed on ${platform}.`,
  edit_failed: () => "It could not be changed.",
};

/** What the server says of its workers; the rest of such a message is for people. */
const WORKERS: readonly (readonly [RegExp, string])[] = [
  [/Worker \S+ claimed the post\./, "Publishing started."],
  [/Worker \S+ continues with it\./, "Publishing continues."],
  [/The lease of worker \S+ lapsed: worker \S+ has taken over\./, "Publishing was interrupted, and continues."],
];

/** Returns what a person reads about an entry of a timeline. */
export function timelineSentence({ event, message }: TimelineItem, platform: PlatformName): string {
  const said = WORKERS.reduce((text, [pattern, words]) => text.replace(pattern, words), message);
  return personText(said) ?? SENTENCES[event]?.(platformName(platform)) ?? "Something happened.";
}

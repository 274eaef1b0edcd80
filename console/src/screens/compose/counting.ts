import type { MediaType, Mode, PlatformName } from "presswork-client";

/** The documented limits of texts: docs/platform-limits.md, and what the API accepts. */
const CONTENT_CHARACTERS = 2_200;
const INSTAGRAM = { characters: 2_200, hashtags: 30, hashtagAdvice: 5, mentions: 20, comment: 2_200 } as const;
const TIKTOK = { video: 2_200, pictures: 4_000 } as const;

const HASHTAG = /(?<![\p{L}\p{N}_&])#[\p{L}\p{N}_]+/gu;
const MENTION = /(?<![\p{L}\p{N}_.@])@[\p{L}\p{N}_.]+/gu;

/** How much of a text a platform accepts, and how much there is. */
export interface Counter {
  readonly platform: PlatformName | null;
  readonly unit: "characters" | "hashtags" | "mentions";
  readonly used: number;
  readonly limit: number;
  /** Beyond this, the platform's own app would refuse it. */
  readonly advice?: number;
}

/** Returns the number of characters as Instagram counts them: an emoji is one or more, a letter one. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Returns the number of hashtags in a caption. */
export function hashtags(text: string): number {
  return text.match(HASHTAG)?.length ?? 0;
}

/** Returns the number of accounts that a caption names. */
export function mentions(text: string): number {
  return text.match(MENTION)?.length ?? 0;
}

/** Returns the counters of a caption on one platform. Without a platform, it is what content may have. */
export function captionCounters(
  text: string,
  platform: PlatformName | null,
  mode: Mode,
  mediaType: MediaType | null,
): readonly Counter[] {
  if (platform === "instagram" && mode === "publish") {
    return [
      { platform, unit: "characters", used: characters(text), limit: INSTAGRAM.characters },
      {
        platform,
        unit: "hashtags",
        used: hashtags(text),
        limit: INSTAGRAM.hashtags,
        advice: INSTAGRAM.hashtagAdvice,
      },
      { platform, unit: "mentions", used: mentions(text), limit: INSTAGRAM.mentions },
    ];
  }
  if (platform === "tiktok" && !(mode === "draft" && mediaType === "video") && mode !== "managed") {
    // TikTok counts UTF-16 units, as JavaScript's `length` does.
    const limit = mediaType === "video" || mediaType === null ? TIKTOK.video : TIKTOK.pictures;
    return [{ platform, unit: "characters", used: text.length, limit }];
  }
  return [{ platform: null, unit: "characters", used: characters(text), limit: CONTENT_CHARACTERS }];
}

/** Returns the counter of a first comment. */
export function commentCounter(text: string): Counter {
  return { platform: "instagram", unit: "characters", used: characters(text), limit: INSTAGRAM.comment };
}

export function isOver(counter: Counter): boolean {
  return counter.used > counter.limit;
}

/** Whether a counter is worth its place: always for characters, for the rest as soon as there are any. */
export function isShown(counter: Counter): boolean {
  return counter.unit === "characters" || counter.used > 0;
}

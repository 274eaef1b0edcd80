/** How much of a text a platform accepts, as it counts. */
export interface TextLimit {
  readonly unit: "characters" | "bytes" | "hashtags" | "mentions" | "links";
  readonly count: (text: string) => number;
  readonly limit: number;
  /** Beyond this, the platform's own app would refuse it. */
  readonly advice?: number;
  /** From which number on it is worth its place; without it, always. */
  readonly shownFrom?: number;
}

const HASHTAG = /(?<![\p{L}\p{N}_&])#[\p{L}\p{N}_]+/gu;
const MENTION = /(?<![\p{L}\p{N}_.@])@[\p{L}\p{N}_.]+/gu;
const LINKEDIN_MENTION = /@\[([^\]]*)\]\(urn:li:[^)]*\)/g;
const LINK = /https?:\/\/\S+/giu;
const LINK_LENGTH = 23;
const REMOTE_MENTION = /(?<![=/\p{L}\p{N}_])@([a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@[\p{L}\p{N}_.-]+[\p{L}\p{N}_]/giu;
/** What X shortens: a domain without https:// too, with a country's ending or a usual one. The server knows more of them. */
const X_LINK =
  /(?<![\w@.$#/-])(?:https?:\/\/[^\s<>"]+|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:[a-z]{2}|com|org|net|edu|gov|info|biz|app|dev|shop|store|blog|news|live|online|site|page|cafe|bar|restaurant|coffee|club|xyz|example|test)(?![\w.-]*\w)(?:\/[^\s<>"]*)?)/giu;
const X_HEAVY = /[\u1100-\u1fff\u200e\u200f\u2020-\u2031\u2038-\u{10ffff}]/u;
const EMOJI = /\ufe0f|\u20e3|\u200d|[\u{1f000}-\u{1faff}]/u;
const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });
const UTF8 = new TextEncoder();

/** Returns the number of code points: an emoji is one or more, a letter one. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Returns the number of code points that readers see: of a mention of LinkedIn, its name. */
export function visibleCharacters(text: string): number {
  return characters(text.replaceAll(LINKEDIN_MENTION, "$1"));
}

/** Returns the number of UTF-16 units, as JavaScript counts itself: most emojis are two. */
export function utf16Units(text: string): number {
  return text.length;
}

/** Returns the number of characters as people count them: each emoji is one. */
export function graphemes(text: string): number {
  let count = 0;
  for (const _ of GRAPHEMES.segment(text)) count += 1;
  return count;
}

/** Returns the number of characters as people count them, where each link is as long as any, and an account has no server. */
export function shortenedGraphemes(text: string): number {
  const shortened = text.replaceAll(LINK, (link) => {
    const end = link.length - link.replace(/[.,;:!?)\]]+$/, "").length;
    return "x".repeat(LINK_LENGTH) + link.slice(link.length - end);
  });
  return graphemes(shortened.replaceAll(REMOTE_MENTION, "@$1"));
}

/** Returns the length as X weighs it: a link is as long as any, an emoji two, a letter of Chinese, Japanese or Korean two. */
export function weightedCharacters(text: string): number {
  const shortened = text.normalize("NFC").replaceAll(X_LINK, (link) => {
    const end = link.match(/[.,:;!?'")\]}…]+$/)?.[0] ?? "";
    return "x".repeat(LINK_LENGTH) + end;
  });
  let weight = 0;
  for (const { segment } of GRAPHEMES.segment(shortened)) {
    if (EMOJI.test(segment)) weight += 2;
    else for (const letter of segment) weight += X_HEAVY.test(letter) ? 2 : 1;
  }
  return weight;
}

/** Returns the number of bytes in UTF-8: a letter with an accent is two, most emojis are four or more. */
export function bytes(text: string): number {
  return UTF8.encode(text).length;
}

/** Returns the number of hashtags in a caption. */
export function hashtags(text: string): number {
  return text.match(HASHTAG)?.length ?? 0;
}

/** Returns the number of accounts that a caption names. */
export function mentions(text: string): number {
  return text.match(MENTION)?.length ?? 0;
}

/** Returns the number of different links in a text. */
export function links(text: string): number {
  return new Set(text.match(LINK)).size;
}

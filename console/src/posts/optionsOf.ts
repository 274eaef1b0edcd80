import type { ScheduledPost } from "presswork-client";
import { wordsOf } from "../api/personText";

/** The options of a post or a target. */
export type Options = Pick<
  ScheduledPost,
  Extract<keyof ScheduledPost, `${string}PostSettings`> | "tiktokMusic" | "shareReelToFeed"
>;

/** Returns the options that a post sets, as names and values to read: `trialReel.graduationStrategy` → "Trial reel: graduation strategy". */
export function optionsOf(post: Options): readonly (readonly [string, string])[] {
  const { tiktokMusic, shareReelToFeed } = post;
  const settings = Object.entries(post).filter(([name]) => name.endsWith("PostSettings"));
  return [
    ...(shareReelToFeed === null ? [] : [["Share Reel to feed", yesOrNo(shareReelToFeed)] as const]),
    ...settings.flatMap(([, value]: [string, unknown]) => flat(value ?? {}, "")),
    ...flat({ music: tiktokMusic }, ""),
  ];
}

function flat(value: object, before: string): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([key, part]: [string, unknown]) => {
    const words = wordsOf(key.replace(/^is(?=[A-Z])/, "")); // isSpoilerMedia: yes
    const name = before === "" ? words : `${before}: ${words.toLowerCase()}`;
    if (part === null || part === undefined) return [];
    if (Array.isArray(part)) return part.length === 0 ? [] : [[name, part.map(shown).join(", ")] as const];
    return typeof part === "object" ? flat(part, name) : [[name, shown(part)] as const];
  });
}

function shown(value: unknown): string {
  if (typeof value === "boolean") return yesOrNo(value);
  if (typeof value !== "object" || value === null) return readable(String(value));
  return Object.values(value)
    .filter((part) => part !== null)
    .join(" ");
}

const CONSTANT = /^(?:[A-Z]+(?:_[A-Z]+)+|[a-z]+(?:_[a-z]+)+)$/;

/** Returns a constant of an API as words: `PUBLIC_TO_EVERYONE` → "Public to everyone". */
function readable(text: string): string {
  if (!CONSTANT.test(text)) return text;
  const words = text.replaceAll("_", " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function yesOrNo(value: boolean): string {
  return value ? "Yes" : "No";
}

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
    const name = before === "" ? wordsOf(key) : `${before}: ${wordsOf(key).toLowerCase()}`;
    if (part === null || part === undefined) return [];
    if (Array.isArray(part)) return part.length === 0 ? [] : [[name, part.map(shown).join(", ")] as const];
    return typeof part === "object" ? flat(part, name) : [[name, shown(part)] as const];
  });
}

function shown(value: unknown): string {
  if (typeof value === "boolean") return yesOrNo(value);
  if (typeof value !== "object" || value === null) return String(value);
  return Object.values(value)
    .filter((part) => part !== null)
    .join(" ");
}

function yesOrNo(value: boolean): string {
  return value ? "Yes" : "No";
}

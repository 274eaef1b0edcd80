import type { Limits } from "presswork-client";
import { numberOf } from "../posts/queuedCount";
import { sizeOf } from "../screens/system/sizes";

export type LimitName = keyof Limits;

/** The limits, in the order in which they are shown, with what each counts. */
export const LIMITS: Readonly<Record<LimitName, string>> = {
  postsPerMonth: "Posts this month",
  queued: "Posts that wait",
  accounts: "Accounts",
  projects: "Projects",
  users: "People",
  mediaBytes: "Media",
  keys: "API keys",
};

/** What follows the number of a limit: "500 posts a month". */
export const LIMITED: Readonly<Record<LimitName, string>> = {
  postsPerMonth: "posts a month",
  queued: "posts that wait",
  accounts: "accounts",
  projects: "projects",
  users: "people",
  mediaBytes: "of media",
  keys: "API keys",
};

/** The names of the limits in their order. */
export const LIMIT_NAMES = Object.keys(LIMITS) as readonly LimitName[];

const GIGABYTE = 1_000_000_000;

/** "1,204", or "10.7 GB" of media. */
export function amountOf(name: string, value: number): string {
  return name === "mediaBytes" ? sizeOf(value) : numberOf(value);
}

/** Returns what a field for a limit contains: media in gigabytes. */
export function limitText(name: LimitName, value: number | null): string {
  if (value === null) return "";
  return String(name === "mediaBytes" ? value / GIGABYTE : value);
}

/** Returns the limit that a field says: null without one, undefined for what is no number. */
export function limitOf(name: LimitName, text: string): number | null | undefined {
  if (text.trim() === "") return null;
  const value = Number(text.replaceAll(",", ""));
  const limit = name === "mediaBytes" ? Math.round(value * GIGABYTE) : value;
  return Number.isSafeInteger(limit) && limit >= 0 ? limit : undefined;
}

import type { PlatformName } from "presswork-client";
import { PLATFORM_NAMES } from "./names";

/** Their places in lists. */
const PLACES: Readonly<Record<PlatformName, number>> = {
  instagram: 0,
  tiktok: 1,
  facebook: 2,
  threads: 3,
  youtube: 4,
  linkedin: 5,
  bluesky: 6,
  mastodon: 7,
  x: 8,
  telegram: 9,
  pinterest: 10,
};

/** The platforms, in the order in which they are listed. */
export const PLATFORMS = Object.keys(PLACES) as readonly PlatformName[];

/** Whether a text is the name of a platform. */
export function isPlatform(text: unknown): text is PlatformName {
  return typeof text === "string" && Object.hasOwn(PLACES, text);
}

/** Returns the name of a platform as it writes it. */
export function platformName(platform: string): string {
  return isPlatform(platform) ? PLATFORM_NAMES[platform].name : platform;
}

/** Returns the name of an account as its platform writes it: `@warm.bread`. */
export function accountName(platform: string, handle: string): string {
  return `${isPlatform(platform) ? PLATFORM_NAMES[platform].handlePrefix : "@"}${handle}`;
}

import type { LoginName, PlatformName } from "presswork-client";
import { bluesky } from "./bluesky";
import { facebook } from "./facebook";
import type { LoginKind, PlatformFacts } from "./facts";
import { instagram } from "./instagram";
import { linkedin } from "./linkedin";
import { PLATFORM_NAMES } from "./names";
import { threads } from "./threads";
import { tiktok } from "./tiktok";
import { youtube } from "./youtube";

/** How the console shows each platform. */
export const FACTS: Readonly<Record<PlatformName, PlatformFacts>> = {
  instagram,
  tiktok,
  facebook,
  threads,
  youtube,
  linkedin,
  bluesky,
};

/** The platforms, in the order in which they are listed. */
export const PLATFORMS = Object.keys(FACTS) as readonly PlatformName[];

/** Whether a text is the name of a platform. */
export function isPlatform(text: unknown): text is PlatformName {
  return typeof text === "string" && Object.hasOwn(FACTS, text);
}

/** Returns the name of a platform as it writes it. */
export function platformName(platform: string): string {
  return isPlatform(platform) ? PLATFORM_NAMES[platform].name : platform;
}

/** Returns the name of an account as its platform writes it: `@warm.bread`. */
export function accountName(platform: string, handle: string): string {
  return `${isPlatform(platform) ? PLATFORM_NAMES[platform].handlePrefix : "@"}${handle}`;
}

/** Returns what a login is, and the platform that it belongs to; null for one that is not known here. */
export function findLogin(login: string): { readonly platform: PlatformName; readonly kind: LoginKind } | null {
  for (const platform of PLATFORMS) {
    const kind = FACTS[platform].logins.find(({ id }) => id === login);
    if (kind !== undefined) return { platform, kind };
  }
  return null;
}

/** Whether a text is the name of a login. */
export function isLogin(text: string): text is LoginName {
  return findLogin(text) !== null;
}

/** Returns what the set-up of a login is called. */
export function loginName(login: LoginName): string {
  return findLogin(login)?.kind.setUp ?? login;
}

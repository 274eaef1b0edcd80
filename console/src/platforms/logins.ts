import type { PlatformName } from "presswork-client";
import { bluesky } from "./bluesky";
import { facebook } from "./facebook";
import type { LoginKind, PlatformFacts } from "./facts";
import { instagram } from "./instagram";
import { linkedin } from "./linkedin";
import { mastodon } from "./mastodon";
import { pinterest } from "./pinterest";
import { PLATFORMS } from "./platforms";
import { telegram } from "./telegram";
import { threads } from "./threads";
import { tiktok } from "./tiktok";
import { x } from "./x";
import { youtube } from "./youtube";

/** How the console shows each platform, and how accounts are connected. Screens that need names only do not load this. */
export const FACTS: Readonly<Record<PlatformName, PlatformFacts>> = {
  instagram,
  tiktok,
  facebook,
  threads,
  youtube,
  linkedin,
  bluesky,
  mastodon,
  x,
  telegram,
  pinterest,
};

/** Returns what a login is, and the platform that it belongs to; null for one that is not known here. */
export function findLogin(login: string): { readonly platform: PlatformName; readonly kind: LoginKind } | null {
  for (const platform of PLATFORMS) {
    const kind = FACTS[platform].logins.find(({ id }) => id === login);
    if (kind !== undefined) return { platform, kind };
  }
  return null;
}

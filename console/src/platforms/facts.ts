import type { LoginName, Mode, TargetParam } from "presswork-client";

/** A way to connect an account. */
export interface LoginKind {
  readonly id: LoginName;
  readonly label: string;
  readonly description: string;
  /** Where the owner agrees. */
  readonly page: string;
  /** An example of a server, where the owner names the one that has the account. */
  readonly server?: string;
  /** How near to its end an access is only if its refresh has failed: refreshes begin earlier. In milliseconds. */
  readonly nearMs: number;
  /** Whether its access is renewed without the owner. */
  readonly isRenewed: boolean;
}

/**
 * How an app shows a post: `feed` with the text below, `thread` and `card` with the text above (whole, or cut off), `watch` with
 * a title below a wide video, or on the whole screen.
 */
export type Layout = "feed" | "thread" | "card" | "watch" | "fullScreen" | "story";

/** The field of a target that has the options of a platform. */
export type SettingsName = Extract<keyof TargetParam, `${string}PostSettings`>;

/** How the console shows a platform. What it accepts, the server describes: see `descriptions.ts`. */
export interface PlatformFacts {
  /** Its usual login first. */
  readonly logins: readonly [LoginKind, ...LoginKind[]];
  /** What to do after a login that gave access to no account. */
  readonly noAccount: string;
  /** How each mode delivers a post. */
  readonly delivery: Readonly<Record<Mode, string>>;
  readonly layouts: {
    readonly pictures: Layout;
    readonly video: Layout;
    /** An upright video of up to so many seconds. */
    readonly upright: { readonly layout: Layout; readonly longestSeconds: number };
  };
  /** Whether pictures of a carousel are cropped to the first one. */
  readonly cropsCarousels: boolean;
  readonly settings: SettingsName;
  /** An account of the sandbox. */
  readonly sample: string;
}

export const MINUTE_MS = 60_000;
export const DAY_MS = 1_440 * MINUTE_MS;

const BY_PROVIDER = "Through a provider, which publishes and reports back.";
const BY_TEXT_MESSAGE =
  "As a text message with media, caption and steps to the organization's primary operator, who posts it.";

/** Returns how posts are delivered by a platform whose drafts go to the operator's phone. */
export function delivered(publish: string): PlatformFacts["delivery"] {
  return { publish, draft: BY_TEXT_MESSAGE, managed: BY_PROVIDER };
}

/** The same layout for all videos. */
export function anyVideo(layout: Layout): Pick<PlatformFacts["layouts"], "video" | "upright"> {
  return { video: layout, upright: { layout, longestSeconds: 0 } };
}

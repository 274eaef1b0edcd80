import type { LoginName, PlatformSetup } from "presswork-client";
import type { ReactNode } from "react";
import type { StepResult } from "../setup";
import { blueskyGuide } from "./bluesky";
import { facebookGuide } from "./facebook";
import { facebookPagesGuide } from "./facebookPages";
import { instagramGuide } from "./instagram";
import { linkedinGuide } from "./linkedin";
import { mastodonGuide } from "./mastodon";
import { pinterestGuide } from "./pinterest";
import { telegramGuide } from "./telegram";
import { threadsGuide } from "./threads";
import { tiktokGuide } from "./tiktok";
import { xGuide } from "./x";
import { youtubeGuide } from "./youtube";

/** One step of setting up a platform. */
export interface GuideStep {
  readonly title: string;
  readonly body: ReactNode;
  readonly results?: readonly StepResult[];
}

/** All steps of setting up a platform. */
export interface Guide {
  readonly intro: string;
  readonly steps: readonly GuideStep[];
}

const GUIDES: Readonly<Record<LoginName, (setup: PlatformSetup, publicUrl: string | null) => Guide>> = {
  instagram: instagramGuide,
  facebook: facebookGuide,
  tiktok: tiktokGuide,
  threads: threadsGuide,
  youtube: youtubeGuide,
  bluesky: blueskyGuide,
  facebook_pages: facebookPagesGuide,
  linkedin: linkedinGuide,
  mastodon: mastodonGuide,
  x: xGuide,
  telegram: telegramGuide,
  pinterest: pinterestGuide,
};

/** Returns the steps of a platform with the addresses and results of this installation. */
export function guideOf(setup: PlatformSetup, publicUrl: string | null): Guide {
  return GUIDES[setup.platform](setup, publicUrl);
}

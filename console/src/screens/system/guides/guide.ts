import type { PlatformSetup } from "presswork-client";
import type { ReactNode } from "react";
import type { StepResult } from "../setup";
import { facebookGuide } from "./facebook";
import { instagramGuide } from "./instagram";
import { tiktokGuide } from "./tiktok";

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

const GUIDES = { instagram: instagramGuide, facebook: facebookGuide, tiktok: tiktokGuide } as const;

/** Returns the steps of a platform with the addresses and results of this installation. */
export function guideOf(setup: PlatformSetup, publicUrl: string | null): Guide {
  return GUIDES[setup.platform](setup, publicUrl);
}

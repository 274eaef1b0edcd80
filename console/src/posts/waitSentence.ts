import type { PlatformName, Waiting } from "presswork-client";
import { platformName } from "../platforms/platforms";

/** Returns a sentence for why a post waits. */
export function waitSentence({ reason }: Waiting, platform: PlatformName): string {
  const name = platformName(platform);
  switch (reason) {
    case "approval":
      return "Its content was edited and waits for approval.";
    case "lane":
      return "Another post of this account is being published.";
    case "rate_limit":
      return `${name} allows no more for now.`;
    case "retry":
      return "A temporary error: it is tried again.";
    case "outcome_unknown":
      return `${name} did not say whether it is live: it is looked up, and nothing is repeated.`;
    case "processing":
      return `${name} has it and has not finished.`;
    case "provider":
      return "The managed provider has it and has not reported the outcome.";
    case "setting":
      return `Presswork is not set up for ${name}.`;
    case "worker":
      return "It is due, and no worker has taken it yet.";
  }
}

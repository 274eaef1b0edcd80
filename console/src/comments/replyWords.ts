import type { ReplyStatus } from "presswork-client";
import type { Tone } from "../ui/Badge";

interface ReplyWords {
  readonly label: string;
  readonly tone: Tone;
}

/** What became of a reply, in a word or two. */
export const REPLY_WORDS: Readonly<Record<ReplyStatus, ReplyWords>> = {
  queued: { label: "On its way", tone: "info" },
  posted: { label: "Posted", tone: "good" },
  failed: { label: "Not posted", tone: "bad" },
  outcome_unknown: { label: "Outcome unknown", tone: "bad" },
};

/** What a person does about a reply that is not known to be posted. `network` is the platform by name. */
export function adviceOf(status: ReplyStatus, network: string): string | null {
  switch (status) {
    case "failed":
      return "Nothing was posted. Change the text if the reason is in it, then send it again.";
    case "outcome_unknown":
      return `${network} did not confirm it, and it was not found afterwards. Look at the post on ${network} before you write it again: it may be there.`;
    default:
      return null;
  }
}

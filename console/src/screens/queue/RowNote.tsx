import { Hourglass } from "lucide-react";
import type { FoundPost, PlatformName, Waiting } from "presswork-client";
import { adviceOf, isNotTakenDown } from "../../posts/afterwards";
import { failureSentence } from "../../posts/failureSentence";
import { waitSentence } from "../../posts/waitSentence";
import { relativeTime } from "../../ui/times";
import { useNow } from "../../ui/useNow";

interface RowNoteProps {
  readonly post: FoundPost;
  /** What the head of the lane says already. */
  readonly known?: Waiting | undefined;
}

/** Why a post waits and when it continues, or why it failed or is still live: in a line, which is whole on hover. */
export function RowNote({ post, known }: RowNoteProps) {
  const { waiting, lastError } = post;
  if (waiting !== null) {
    if (known !== undefined && (waiting.behind !== null || waiting.reason === known.reason)) return null;
    return <WaitingNote waiting={waiting} platform={post.platform} />;
  }
  const sentence = isNotTakenDown(post.liveStatus)
    ? adviceOf(post)
    : post.status === "failed" && lastError !== null && failureSentence(lastError, post.platform);
  if (sentence === false) return null;
  return (
    <span className="small cut queue-note bad" title={sentence}>
      {sentence}
    </span>
  );
}

interface WaitingNoteProps {
  readonly waiting: Waiting;
  readonly platform: PlatformName;
}

/** A reason to wait, and when that ends. */
export function WaitingNote({ waiting, platform }: WaitingNoteProps) {
  const now = useNow();
  const sentence = [
    waiting.behind !== null && "Behind another post.",
    waitSentence(waiting, platform),
    waiting.until !== null && `Continues ${relativeTime(new Date(waiting.until), now)}.`,
  ]
    .filter((part) => part !== false)
    .join(" ");
  return (
    <span className="small cut queue-note warn" title={sentence}>
      <Hourglass aria-hidden /> {sentence}
    </span>
  );
}

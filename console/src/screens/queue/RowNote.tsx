import { Hourglass } from "lucide-react";
import type { FoundPost, PlatformName, Waiting } from "presswork-client";
import { waitSentence } from "../../posts/waitSentence";
import { Time } from "../../ui/Time";

interface RowNoteProps {
  readonly post: FoundPost;
  readonly zone: string;
  /** What the head of the lane says already. */
  readonly known?: Waiting | undefined;
}

/** Why a post waits and when it continues, or why it failed. */
export function RowNote({ post, zone, known }: RowNoteProps) {
  const { waiting, lastError } = post;
  if (waiting !== null) {
    if (known !== undefined && (waiting.behind !== null || waiting.reason === known.reason)) return null;
    return <WaitingNote waiting={waiting} platform={post.platform} zone={zone} />;
  }
  if (post.status !== "failed" || lastError === null) return null;
  return <span className="small queue-note bad">{lastError.message}</span>;
}

interface WaitingNoteProps {
  readonly waiting: Waiting;
  readonly platform: PlatformName;
  readonly zone: string;
}

/** A reason to wait, and when that ends. */
export function WaitingNote({ waiting, platform, zone }: WaitingNoteProps) {
  return (
    <span className="small queue-note warn">
      <Hourglass aria-hidden />
      <span>
        {waiting.behind !== null && "Behind another post. "}
        {waitSentence(waiting, platform)}
        {waiting.until !== null && (
          <>
            {" "}
            Continues <Time at={waiting.until} zone={zone} isRelative />.
          </>
        )}
      </span>
    </span>
  );
}

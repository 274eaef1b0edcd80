import { Hourglass } from "lucide-react";
import type { ScheduledPost } from "presswork-client";
import { waitingOf } from "../../posts/waitingOf";
import { Time } from "../../ui/Time";
import { useNow } from "../../ui/useNow";

interface RowNoteProps {
  readonly post: ScheduledPost;
  readonly zone: string;
  /** A reason that is said already, and not repeated. */
  readonly knownReason?: string | undefined;
}

/** Why a post waits and when it continues, or why it failed. */
export function RowNote({ post, zone, knownReason }: RowNoteProps) {
  const waiting = waitingOf(post, useNow());
  if (waiting !== null) {
    return waiting.reason === knownReason ? null : (
      <WaitingNote reason={waiting.reason} until={waiting.until} zone={zone} />
    );
  }
  if (post.status !== "failed" || post.lastError === null) return null;
  return <span className="small queue-note bad">{post.lastError.message}</span>;
}

interface WaitingNoteProps {
  readonly reason: string;
  readonly until: string | null;
  readonly zone: string;
}

/** A reason to wait, and when that ends. */
export function WaitingNote({ reason, until, zone }: WaitingNoteProps) {
  return (
    <span className="small queue-note warn">
      <Hourglass aria-hidden />
      <span>
        {reason}
        {until !== null && (
          <>
            {" "}
            Continues <Time at={until} zone={zone} isRelative />.
          </>
        )}
      </span>
    </span>
  );
}

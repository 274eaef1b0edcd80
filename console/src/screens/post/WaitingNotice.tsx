import type { ScheduledPost } from "presswork-client";
import { waitingOf } from "../../posts/waitingOf";
import { Notice } from "../../ui/Notice";
import { Time } from "../../ui/Time";
import { useNow } from "../../ui/useNow";

/** Why a post is not out although its time has come, and when it continues. */
export function WaitingNotice({ post, zone }: { readonly post: ScheduledPost; readonly zone: string }) {
  const waiting = waitingOf(post, useNow());
  if (waiting === null) return null;
  return (
    <Notice tone="warn" title="This post waits">
      <p>{waiting.reason}</p>
      {waiting.until !== null && (
        <p className="soft small">
          It continues <Time at={waiting.until} zone={zone} isRelative />.
        </p>
      )}
    </Notice>
  );
}

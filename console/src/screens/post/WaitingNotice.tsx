import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, ScheduledPost } from "presswork-client";
import { refreshMsOf, timelineQuery } from "../../posts/queries";
import { waitSentence } from "../../posts/waitSentence";
import { Notice } from "../../ui/Notice";
import { Time } from "../../ui/Time";

interface WaitingNoticeProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly zone: string;
}

/** Why a post is not out although its time has come, and when it continues. An unknown outcome has another notice. */
export function WaitingNotice({ environment, post, zone }: WaitingNoticeProps) {
  const refetchInterval = refreshMsOf([post.status]);
  const waiting = useQuery({ ...timelineQuery(environment, post.id), refetchInterval }).data?.waiting ?? null;
  if (waiting === null || (waiting.reason === "outcome_unknown" && waiting.behind === null)) return null;
  return (
    <Notice tone="warn" title="This post waits">
      <p>
        {waiting.behind !== null && (
          <>
            Behind{" "}
            <Link to="/$environment/posts/$postId" params={{ environment, postId: waiting.behind }}>
              another post of the account
            </Link>
            .{" "}
          </>
        )}
        {waitSentence(waiting, post.platform)}
      </p>
      {waiting.until !== null && (
        <p className="soft small">
          It continues <Time at={waiting.until} zone={zone} isRelative />.
        </p>
      )}
    </Notice>
  );
}

import type { LastError, ScheduledPost } from "presswork-client";
import { platformName } from "../../platforms/platforms";
import { isOutcomeUnknown } from "../../posts/StatusBadge";
import { Notice } from "../../ui/Notice";
import { Time } from "../../ui/Time";

interface FailureProps {
  readonly post: ScheduledPost;
  readonly error: LastError;
  readonly zone: string;
}

/** Why a post failed, or why its last attempt did: our sentence with its advice, then the platform's words. */
export function Failure({ post, error, zone }: FailureProps) {
  const title =
    post.status === "published"
      ? "This thread ended early"
      : post.status !== "failed"
        ? "The last attempt failed"
        : isOutcomeUnknown(post)
          ? "It is not known whether this post went live"
          : "This post failed";
  return (
    <Notice tone={post.status === "failed" ? "bad" : "warn"} title={title}>
      <p>{error.message}</p>
      {error.platformMessage !== null && (
        <p className="soft small">
          {platformName(post.platform)}'s words: “{error.platformMessage}”
          {error.platformCode !== null && ` (${error.platformCode})`}
        </p>
      )}
      <p className="soft small">
        <Time at={error.at} zone={zone} /> · <code>{error.code}</code> ·{" "}
        <a href={`/errors/${error.code}`} target="_blank" rel="noreferrer">
          More about this
        </a>
      </p>
    </Notice>
  );
}

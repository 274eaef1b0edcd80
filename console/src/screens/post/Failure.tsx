import type { LastError, ScheduledPost } from "presswork-client";
import { Notice } from "../../ui/Notice";

interface FailureProps {
  readonly post: ScheduledPost;
  readonly error: LastError;
}

/** Why a post failed, or why its last attempt did: our sentence with its advice, then the platform's words. */
export function Failure({ post, error }: FailureProps) {
  const title =
    post.status !== "failed"
      ? "The last attempt failed"
      : error.code === "OUTCOME_UNKNOWN"
        ? "It is not known whether this post went live"
        : "This post failed";
  return (
    <Notice tone={post.status === "failed" ? "bad" : "warn"} title={title}>
      <p>{error.message}</p>
      {error.platformMessage !== null && (
        <p className="soft small">
          The platform's words: “{error.platformMessage}”{error.platformCode !== null && ` (${error.platformCode})`}
        </p>
      )}
    </Notice>
  );
}

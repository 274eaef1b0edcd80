import { Link } from "@tanstack/react-router";
import type { Environment, LastError, ScheduledPost } from "presswork-client";
import { platformName } from "../../platforms/platforms";
import { failureSentence } from "../../posts/failureSentence";
import { Sentence } from "../../posts/Sentence";
import { isOutcomeUnknown } from "../../posts/StatusBadge";
import { Fact, Facts } from "../../ui/Facts";
import { Fold } from "../../ui/Fold";
import { Notice } from "../../ui/Notice";
import { Time } from "../../ui/Time";

interface FailureProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly error: LastError;
  readonly zone: string;
}

/** Why a post failed, or why its last attempt did, and what to do; what support asks for is folded. */
export function Failure({ environment, post, error, zone }: FailureProps) {
  const title =
    post.status === "published"
      ? "This thread ended early"
      : post.status !== "failed"
        ? "The last attempt failed"
        : isOutcomeUnknown(post)
          ? "It is not known whether this post went live"
          : "This post failed";
  const isAccount = error.code === "CREDENTIAL_INVALID" || error.code === "ACCOUNT_NOT_ELIGIBLE";
  return (
    <Notice tone={post.status === "failed" ? "bad" : "warn"} title={title}>
      <p className="post-cause">
        <Sentence text={failureSentence(error, post.platform)} zone={zone} />
      </p>
      {isAccount && (
        <p>
          <Link to="/$environment/accounts/$accountId" params={{ environment, accountId: post.socialAccountId }}>
            Open the account
          </Link>
        </p>
      )}
      <Fold title="For support">
        <Facts>
          <Fact name="When">
            <Time at={error.at} zone={zone} />
          </Fact>
          <Fact name="Message">{error.message}</Fact>
          {error.platformMessage !== null && (
            <Fact name={`${platformName(post.platform)}'s words`}>
              {error.platformMessage}
              {error.platformCode !== null && ` (${error.platformCode})`}
            </Fact>
          )}
          <Fact name="Code">
            <code>{error.code}</code>{" "}
            <a href={`/errors/${error.code}`} target="_blank" rel="noreferrer">
              More about this
            </a>
          </Fact>
        </Facts>
      </Fold>
    </Notice>
  );
}

import { Link } from "@tanstack/react-router";
import type { Comment, Environment } from "presswork-client";
import { authorOf } from "../../comments/authorOf";
import { CommentBadges } from "../../comments/CommentBadges";
import { CommentText } from "../../comments/CommentText";
import { accountName } from "../../platforms/platforms";
import { Badge } from "../../ui/Badge";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Time } from "../../ui/Time";
import { STATUS_BADGES } from "./statusBadges";

interface CommentHeadProps {
  readonly environment: Environment;
  readonly comment: Comment;
  readonly zone: string;
  readonly projectName: string;
}

/** Who wrote it, where and when, and what. */
export function CommentHead({ environment, comment, zone, projectName }: CommentHeadProps) {
  const { handle, platform, socialAccountId, status } = comment;
  return (
    <header className="comment-head">
      <h2>{authorOf(comment)}</h2>
      <p className="soft small comment-where">
        <Time at={comment.createdAt} zone={zone} isDay />
        <span>
          to{" "}
          <Link to="/$environment/accounts/$accountId" params={{ environment, accountId: socialAccountId }}>
            <PlatformIcon platform={platform} /> {accountName(platform, handle)}
          </Link>
        </span>
        <span>{projectName}</span>
        <Badge tone={STATUS_BADGES[status].tone}>{STATUS_BADGES[status].label}</Badge>
        <CommentBadges comment={comment} />
      </p>
      <p className="comment-text">
        <CommentText comment={comment} />
      </p>
    </header>
  );
}

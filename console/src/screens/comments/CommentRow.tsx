import { Link } from "@tanstack/react-router";
import { NotebookPen, UserRound } from "lucide-react";
import type { Comment, Environment } from "presswork-client";
import { type RefObject, useEffect, useRef } from "react";
import { authorOf } from "../../comments/authorOf";
import { CommentBadges } from "../../comments/CommentBadges";
import { CommentText } from "../../comments/CommentText";
import { accountName } from "../../platforms/platforms";
import { RowPicture } from "../../posts/RowPicture";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Time } from "../../ui/Time";

/** How the people are called that comments are assigned to. */
export type NameOf = (userId: string) => string;

interface CommentRowProps {
  readonly environment: Environment;
  readonly comment: Comment;
  readonly nameOf: NameOf;
  readonly isOpen: boolean;
  /** The comment that was open before; undefined: none. */
  readonly formerId: RefObject<string | undefined>;
}

/** One row: who said what, where and when. */
export function CommentRow({ environment, comment, nameOf, isOpen, formerId }: CommentRowProps) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    link.current?.scrollIntoView({ block: "nearest" });
    // With the keyboard in the list, the focus follows the row that is open. The first one opens by itself, and takes none.
    const follows = formerId.current !== undefined && document.activeElement?.closest(".comment-list");
    if (follows) link.current?.focus({ preventScroll: true });
  }, [isOpen, formerId]);
  return (
    <li className={isOpen ? "comment-row open" : "comment-row"}>
      <Link
        ref={link}
        from="/$environment/comments"
        to="/$environment/comments"
        params={{ environment }}
        search={(before) => ({ ...before, comment: comment.id, dialog: undefined })}
        aria-current={isOpen ? "true" : undefined}
        activeProps={{}}
        resetScroll={false}
      >
        <RowPicture className="comment-row-picture" url={comment.post.thumbnailUrl} />
        <span className="comment-row-head">
          <strong className="cut">{authorOf(comment)}</strong>
          <span className="soft small">
            <Time at={comment.createdAt} isRelative />
          </span>
        </span>
        <span className="comment-row-text">
          <CommentText comment={comment} />
        </span>
        <span className="comment-row-foot soft small">
          <span className="account-name">
            <PlatformIcon platform={comment.platform} />
            <span className="cut">{accountName(comment.platform, comment.handle)}</span>
          </span>
          {comment.assigneeId !== null && (
            <span className="comment-mark" title={`Assigned to ${nameOf(comment.assigneeId)}`}>
              <UserRound aria-hidden /> <span className="cut">{nameOf(comment.assigneeId)}</span>
            </span>
          )}
          {comment.note !== null && (
            <span className="comment-mark" title="It has a note">
              <NotebookPen aria-hidden /> <span className="visually-hidden">It has a note</span>
            </span>
          )}
          <CommentBadges comment={comment} />
        </span>
      </Link>
    </li>
  );
}

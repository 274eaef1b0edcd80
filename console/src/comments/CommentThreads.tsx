import type { Comment } from "presswork-client";
import type { ReactNode } from "react";
import { personText } from "../api/personText";
import { platformName } from "../platforms/platforms";
import { Button } from "../ui/Button";
import { Time } from "../ui/Time";
import { authorOf } from "./authorOf";
import { CommentBadges } from "./CommentBadges";
import { CommentText } from "./CommentText";
import { adviceOf } from "./replyWords";
import type { Thread } from "./threads";
import "./comment-threads.css";

export interface ThreadContext {
  readonly zone: string | undefined;
  /** The comment that is open. */
  readonly openId?: string | undefined;
  /** Leads to a comment. */
  readonly linkOf: (comment: Comment, name: string) => ReactNode;
  /** Takes over the text of a reply that was not posted. */
  readonly onAgain?: ((text: string) => void) | undefined;
}

interface CommentThreadsProps {
  readonly label: string;
  readonly context: ThreadContext;
  readonly threads: readonly Thread[];
}

/** Comments of a post, each with its replies below it. */
export function CommentThreads({ label, context, threads }: CommentThreadsProps) {
  return (
    <ul className="threads" aria-label={label}>
      {threads.map(({ comment, replies }) => (
        <li key={comment.id} className="thread">
          <OneComment context={context} comment={comment} />
          {replies.length > 0 && (
            <ul className="thread-replies" aria-label={`Replies to ${authorOf(comment)}`}>
              {replies.map((reply) => (
                <li key={reply.id}>
                  <OneComment context={context} comment={reply} />
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}

interface OneCommentProps {
  readonly context: ThreadContext;
  readonly comment: Comment;
}

function OneComment({ context, comment }: OneCommentProps) {
  const { zone, openId, linkOf, onAgain } = context;
  const isOpen = comment.id === openId;
  const name = authorOf(comment);
  const { replyStatus, error, text } = comment;
  const network = platformName(comment.platform);
  const advice = replyStatus === null ? null : adviceOf(replyStatus, network);
  const kinds = ["thread-comment", comment.own && "own", isOpen && "open"].filter((one) => one !== false);
  return (
    <article className={kinds.join(" ")} aria-current={isOpen ? "true" : undefined} aria-label={`${name}:`}>
      <p className="thread-head">
        <strong className="cut">{isOpen || comment.own ? name : linkOf(comment, name)}</strong>
        {replyStatus !== "queued" && (
          <span className="soft small">
            <Time at={comment.createdAt} zone={zone} isRelative />
          </span>
        )}
        <CommentBadges comment={comment} />
      </p>
      <p className="thread-text">
        <CommentText comment={comment} />
      </p>
      {advice !== null && (
        <div className="thread-advice small">
          <p>
            {error !== null && `${personText(error) ?? `${network} refused it.`} `}
            {advice}
          </p>
          {onAgain !== undefined && text !== null && (
            <Button onPress={() => onAgain(text)}>
              {replyStatus === "failed" ? "Write it again" : "I have looked: write it again"}
            </Button>
          )}
        </div>
      )}
    </article>
  );
}

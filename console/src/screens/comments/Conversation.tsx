import { Link } from "@tanstack/react-router";
import type { Comment, Environment } from "presswork-client";
import type { ReactNode } from "react";
import { CommentThreads, type ThreadContext } from "../../comments/CommentThreads";
import type { Thread } from "../../comments/threads";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { useConversation } from "./useConversation";

interface ConversationProps {
  readonly environment: Environment;
  readonly comment: Comment;
  readonly zone: string;
  /** Replies that were just written. */
  readonly sent: readonly string[];
  readonly onAgain: ((text: string) => void) | undefined;
  /** Where a reply is written. */
  readonly reply: ReactNode;
}

/** What was said around a comment, the place for a reply, and the other comments of the post. */
export function Conversation({ environment, comment, zone, sent, onAgain, reply }: ConversationProps) {
  const conversation = useConversation(environment, comment, sent);
  const { own, others } = conversation;
  const context: ThreadContext = {
    zone,
    openId: comment.id,
    onAgain,
    linkOf: ({ id }, name) => (
      <Link
        from="/$environment/comments"
        to="/$environment/comments"
        params={{ environment }}
        search={(before) => ({ ...before, comment: id, dialog: undefined })}
        activeProps={{}}
        resetScroll={false}
      >
        {name}
      </Link>
    ),
  };
  const isTop = own.comment.id === comment.id;
  return (
    <>
      {!isTop && <CommentThreads label="Conversation" context={context} threads={[own]} />}
      {isTop && own.replies.length > 0 && (
        <CommentThreads label="Replies" context={context} threads={own.replies.map(aloneOf)} />
      )}
      {reply}
      {conversation.error !== null && <ErrorNotice error={conversation.error} />}
      {conversation.isPending && <SkeletonRows rows={2} />}
      {others.length > 0 && (
        <section className="comment-others">
          <h3>Other comments on this post</h3>
          <CommentThreads label="Other comments" context={context} threads={others} />
        </section>
      )}
      {conversation.hasMore && (
        <Button isPending={conversation.isFetchingMore} onPress={conversation.fetchMore}>
          Show more of this post
        </Button>
      )}
    </>
  );
}

function aloneOf(comment: Comment): Thread {
  return { comment, replies: [] };
}

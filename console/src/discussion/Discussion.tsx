import type { Content, Environment } from "presswork-client";
import type { SignedIn } from "../api/session";
import type { Marks } from "../content/MarksContext";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Fold } from "../ui/Fold";
import { SkeletonRows } from "../ui/Skeleton";
import { CommentForm } from "./CommentForm";
import { OneComment } from "./OneComment";
import "./discussion.css";
import "./marks.css";
import type { Talk } from "./useDiscussion";

interface DiscussionProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  readonly content: Pick<Content, "id" | "projectId" | "media" | "status">;
  readonly comments: Talk["comments"];
  readonly error: Talk["error"];
  readonly marks: Marks;
}

/** What the team and the client say about content. What is resolved is folded. */
export default function Discussion({ environment, session, content, comments, error, marks }: DiscussionProps) {
  const mayWrite =
    content.status !== "deleted" &&
    (session.scopes.includes("content:write") || session.scopes.includes("content:approve"));
  const opened = marks.opened?.mark.comment.id;
  const open = (comments ?? []).filter(({ resolvedAt }) => resolvedAt === null);
  const resolved = (comments ?? []).filter(({ resolvedAt }) => resolvedAt !== null);
  const list = (some: typeof open) => (
    <ul className="discussion-list">
      {some.map((comment) => (
        <OneComment
          key={comment.id}
          environment={environment}
          content={content}
          comment={comment}
          marks={marks}
          mayWrite={mayWrite}
          isOwn={comment.author.id === session.user.id}
        />
      ))}
    </ul>
  );
  return (
    <section className="discussion" aria-labelledby="discussion">
      <h2 id="discussion">Discussion</h2>
      {error !== null && <ErrorNotice error={error} />}
      {comments === undefined && error === null && <SkeletonRows rows={1} />}
      {open.length > 0 && list(open)}
      {comments?.length === 0 && !mayWrite && <p className="soft">Nothing was said yet.</p>}
      {resolved.length > 0 && (
        <Fold title={`${resolved.length} resolved`} isOpen={resolved.some(({ id }) => id === opened)}>
          {list(resolved)}
        </Fold>
      )}
      {mayWrite && comments !== undefined && <CommentForm environment={environment} content={content} marks={marks} />}
    </section>
  );
}

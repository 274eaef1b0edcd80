import { useQuery } from "@tanstack/react-query";
import type { Comment, Environment } from "presswork-client";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { personText } from "../../api/personText";
import { projectsQuery, useZones } from "../../api/projects";
import type { SignedIn } from "../../api/session";
import { commentQuery } from "../../comments/queries";
import { draftOf, keepDraft } from "../../comments/replyDrafts";
import { type CommentChange, type NetworkAction, useCommentWrites } from "../../comments/useCommentWrites";
import { platformName } from "../../platforms/platforms";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { SkeletonRows } from "../../ui/Skeleton";
import { toast } from "../../ui/toasts";
import { useShortcuts } from "../../ui/useShortcuts";
import { CommentActions } from "./CommentActions";
import { CommentHead } from "./CommentHead";
import { Conversation } from "./Conversation";
import { NoActions } from "./NoActions";
import { NoteField } from "./NoteField";
import { PaneBar, type Place } from "./PaneBar";
import { PostBeside } from "./PostBeside";
import { ReplyBox } from "./ReplyBox";
import type { DialogName } from "./search";

const DeleteComment = lazy(() => import("./DeleteComment"));
const SavedRepliesDialog = lazy(() => import("./SavedRepliesDialog"));

interface CommentPaneProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  readonly commentId: string;
  /** The comment as the list has it; undefined if it is not there. */
  readonly row: Comment | undefined;
  readonly place: Place;
  readonly dialog: DialogName | undefined;
  readonly onDialog: (dialog: DialogName | undefined) => void;
  /** It needs nothing more: the next one comes. */
  readonly onFinished: () => void;
}

/** One comment with what can be done about it, and its post beside. Use the id as its key: what is written belongs to one comment. */
export function CommentPane(props: CommentPaneProps) {
  const { environment, commentId, row, place } = props;
  const query = useQuery({
    ...commentQuery(environment, commentId),
    ...(row !== undefined && { placeholderData: row }),
  });
  const pane = useRef<HTMLElement>(null);
  useEffect(() => {
    // After "done", the button that had the focus is gone.
    if (document.activeElement === document.body) pane.current?.focus({ preventScroll: true });
  }, []);
  return (
    <article ref={pane} className="panel comment-pane" aria-label="Comment" tabIndex={-1}>
      {query.isPending && <SkeletonRows rows={6} />}
      {query.isError && <ErrorNotice error={query.error} />}
      {query.data !== undefined && <OpenComment {...props} comment={query.data} />}
      {query.data === undefined && <PaneBar place={place} />}
    </article>
  );
}

function OpenComment(props: CommentPaneProps & { readonly comment: Comment }) {
  const { environment, session, comment, place, dialog, onDialog, onFinished } = props;
  const [text, setText] = useState(() => draftOf(comment.id));
  const [sent, setSent] = useState<readonly string[]>([]);
  const [note, setNote] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const assign = useRef<HTMLSpanElement>(null);
  const zone = useZones(environment)(comment.projectId);
  const projects = useQuery(projectsQuery(environment)).data;
  const write = useCommentWrites(environment);
  const canWrite = session.scopes.includes("comments:write");
  const can = (action: Comment["actions"][number]) => canWrite && comment.actions.includes(action);
  const projectName = projects?.find(({ id }) => id === comment.projectId)?.name ?? "the project";

  const type = (next: string) => {
    setText(next);
    keepDraft(comment.id, next);
  };
  const act = (action: NetworkAction) => write.mutate({ comment, action });
  const change = (made: CommentChange) => write.mutate({ comment, change: made });
  /** Someone is at work on it then. */
  const opened = comment.status === "new" && !comment.own ? ({ status: "open" } as const) : {};
  const isDone = comment.status === "done";
  const finish = () => {
    if (isDone && sent.length > 0) return onFinished(); // the reply has done it
    change({ status: isDone ? "open" : "done" });
    if (isDone) return;
    const undo = () => change({ status: comment.status });
    toast("Done.", { label: "Undo", run: undo });
    onFinished();
  };
  /** A key that is held down, which repeats, does it once. */
  const once = (run: () => void) => (event: KeyboardEvent) => {
    if (!event.repeat) run();
  };
  useShortcuts({
    ...(can("reply") && { r: once(() => field.current?.focus()) }),
    ...(can("like") && { l: once(() => act(comment.liked ? "unlike" : "like")) }),
    ...(can("hide") && { h: once(() => act(comment.hidden ? "unhide" : "hide")) }),
    ...(canWrite && {
      a: once(() => assign.current?.querySelector("button")?.click()),
      n: once(() => setNote((now) => now ?? comment.note ?? "")),
    }),
    ...(canWrite && !comment.own && { e: once(finish) }),
    Escape: place.onBack,
  });
  return (
    <>
      <div className="comment-body">
        <div className="comment-main">
          <CommentHead environment={environment} comment={comment} zone={zone} projectName={projectName} />
          {comment.deletedAt !== null && <Notice>It was deleted.</Notice>}
          {comment.error !== null && comment.replyStatus === null && (
            <Notice tone="bad">{personText(comment.error) ?? `${platformName(comment.platform)} refused it.`}</Notice>
          )}
          <CommentActions
            environment={environment}
            session={session}
            comment={comment}
            can={can}
            canWrite={canWrite}
            assign={assign}
            onAct={act}
            onAssign={(assigneeId) => change({ assigneeId, ...(assigneeId !== null && opened) })}
            onDelete={() => onDialog("delete")}
            onNote={() => setNote(comment.note ?? "")}
            onFinish={finish}
          />
          {canWrite && !comment.own && comment.deletedAt === null && comment.actions.length === 0 && (
            <NoActions environment={environment} comment={comment} />
          )}
          <NoteField
            note={comment.note}
            draft={note}
            canWrite={canWrite}
            onDraft={setNote}
            onSave={(saved) => {
              change({ note: saved, ...(saved !== null && opened) });
              setNote(null);
            }}
          />
          <Conversation
            environment={environment}
            comment={comment}
            zone={zone}
            sent={sent}
            onAgain={
              can("reply")
                ? (again) => {
                    type(again);
                    field.current?.focus();
                  }
                : undefined
            }
            reply={
              can("reply") && (
                <ReplyBox
                  environment={environment}
                  userId={session.user.id}
                  comment={comment}
                  text={text}
                  onChange={type}
                  onSent={(id) => {
                    type("");
                    setSent((before) => [...before, id]);
                  }}
                  onManage={() => onDialog("saved")}
                  field={field}
                />
              )
            }
          />
        </div>
        <PostBeside environment={environment} comment={comment} zone={zone} />
      </div>
      <PaneBar place={place} />
      <Suspense>
        {dialog === "delete" && can("delete") && (
          <DeleteComment
            comment={comment}
            isPending={write.isPending}
            onConfirm={() =>
              write.mutate(
                { comment, action: "delete" },
                {
                  onSuccess: onFinished,
                  onSettled: () => onDialog(undefined),
                },
              )
            }
            onClose={() => onDialog(undefined)}
          />
        )}
        {dialog === "saved" && (
          <SavedRepliesDialog
            environment={environment}
            projectId={comment.projectId}
            projectName={projectName}
            text={text}
            onClose={() => onDialog(undefined)}
          />
        )}
      </Suspense>
    </>
  );
}

import { Check, Eye, EyeOff, HeartMinus, HeartPlus, NotebookPen, RotateCcw, Trash2 } from "lucide-react";
import type { Comment, CommentAction, Environment } from "presswork-client";
import type { RefObject } from "react";
import type { SignedIn } from "../../api/session";
import type { NetworkAction } from "../../comments/useCommentWrites";
import { Button } from "../../ui/Button";
import { AssignField } from "./AssignField";

interface CommentActionsProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  readonly comment: Comment;
  /** Whether the network, the account and the person's role allow it. */
  readonly can: (action: CommentAction) => boolean;
  readonly canWrite: boolean;
  /** Around the field that assigns it. */
  readonly assign: RefObject<HTMLSpanElement | null>;
  readonly onAct: (action: NetworkAction) => void;
  readonly onAssign: (assigneeId: string | null) => void;
  readonly onDelete: () => void;
  readonly onNote: () => void;
  readonly onFinish: () => void;
}

/** What can be done about a comment, apart from a reply. */
export function CommentActions(props: CommentActionsProps) {
  const { environment, session, comment, can, canWrite, assign } = props;
  const { liked, hidden, status, own, note } = comment;
  if (!canWrite) return null;
  return (
    <div className="comment-actions">
      {can("like") && (
        <Button kind="quiet" aria-pressed={liked} onPress={() => props.onAct(liked ? "unlike" : "like")}>
          {liked ? <HeartMinus aria-hidden /> : <HeartPlus aria-hidden />} {liked ? "Take the like back" : "Like"}{" "}
          <Key name="L" />
        </Button>
      )}
      {can("hide") && (
        <Button kind="quiet" onPress={() => props.onAct(hidden ? "unhide" : "hide")}>
          {hidden ? <Eye aria-hidden /> : <EyeOff aria-hidden />} {hidden ? "Show again" : "Hide"} <Key name="H" />
        </Button>
      )}
      {note === null && (
        <Button kind="quiet" onPress={props.onNote}>
          <NotebookPen aria-hidden /> Note <Key name="N" />
        </Button>
      )}
      {can("delete") && (
        <Button kind="quiet" onPress={props.onDelete}>
          <Trash2 aria-hidden /> Delete
        </Button>
      )}
      <span className="comment-ends">
        <span ref={assign} className="comment-assign">
          <AssignField
            environment={environment}
            session={session}
            comment={comment}
            isDisabled={!canWrite}
            onAssign={props.onAssign}
          />
        </span>
        {!own && (
          <Button onPress={props.onFinish}>
            {status === "done" ? <RotateCcw aria-hidden /> : <Check aria-hidden />}
            {status === "done" ? "Open again" : "Done"} <Key name="E" />
          </Button>
        )}
      </span>
    </div>
  );
}

/** The key that does the same, where there is a keyboard. */
function Key({ name }: { readonly name: string }) {
  return (
    <kbd className="comment-key" aria-hidden>
      {name}
    </kbd>
  );
}

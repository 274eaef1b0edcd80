import type { Comment } from "presswork-client";
import { platformName } from "../../platforms/platforms";
import { ConfirmDialog } from "../../ui/ConfirmDialog";

interface DeleteCommentProps {
  readonly comment: Comment;
  readonly isPending: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before a comment is deleted on its network. */
export default function DeleteComment({ comment, isPending, onConfirm, onClose }: DeleteCommentProps) {
  const network = platformName(comment.platform);
  return (
    <ConfirmDialog
      title="Delete the comment?"
      action={`Delete it on ${network}`}
      isPending={isPending}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <p>
        It is deleted on {network}, with what others wrote below it as far as {network} deletes that, too. This can't be
        taken back.
      </p>
      {comment.text !== null && <blockquote className="comment-quote">{comment.text}</blockquote>}
    </ConfirmDialog>
  );
}

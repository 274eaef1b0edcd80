import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Comment, Environment } from "presswork-client";
import { clientOf } from "../api/client";
import { messageOf } from "../api/errors";
import { toastError } from "../ui/toasts";
import { commentQuery } from "./queries";

/** What is decided about a comment here; nothing of it is sent to the network. */
export interface CommentChange {
  readonly status?: Comment["status"];
  readonly assigneeId?: string | null;
  readonly note?: string | null;
}

/** What is asked of the network. */
export type NetworkAction = "hide" | "unhide" | "like" | "unlike" | "delete";

export type Write = { readonly comment: Comment } & (
  | { readonly change: CommentChange }
  | { readonly action: NetworkAction }
);

/** Returns the call that changes a comment. It shows the wish at once, and says what failed. */
export function useCommentWrites(environment: Environment) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (write: Write) => send(environment, write),
    onMutate: (write) => {
      queries.setQueryData(commentQuery(environment, write.comment.id).queryKey, (now) => ({
        ...(now ?? write.comment),
        ...wishOf(write),
      }));
    },
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => void queries.invalidateQueries({ queryKey: [environment, "comments"] }),
  });
}

function send(environment: Environment, write: Write): Promise<unknown> {
  const { comments } = clientOf(environment);
  const commentId = write.comment.id;
  if ("change" in write) return comments.update({ commentId, ...write.change });
  return comments[write.action]({ commentId });
}

function wishOf(write: Write): Partial<Comment> {
  if ("change" in write) return write.change;
  switch (write.action) {
    case "hide":
    case "unhide":
      return { hidden: write.action === "hide" };
    case "like":
    case "unlike":
      return { liked: write.action === "like" };
    default:
      return {};
  }
}

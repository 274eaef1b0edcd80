import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ContentComment, Environment } from "presswork-client";
import { clientOf } from "../api/client";
import { messageOf } from "../api/errors";
import { toastError } from "../ui/toasts";
import { discussionQuery } from "./queries";

type Write = { readonly commentId: string } & ({ readonly resolved: boolean } | { readonly isDeleted: true });

/** Returns the call that resolves a comment, opens it again or deletes it. It shows the wish at once, and says what failed. */
export function useDiscussionWrites(environment: Environment, containerId: string) {
  const queries = useQueryClient();
  const { content } = clientOf(environment);
  const { queryKey } = discussionQuery(environment, containerId);
  return useMutation({
    mutationFn: async (write: Write) => {
      const contentCommentId = write.commentId;
      if ("resolved" in write) await content.updateComment({ containerId, contentCommentId, resolved: write.resolved });
      else await content.deleteComment({ containerId, contentCommentId });
    },
    onMutate: (write) =>
      queries.setQueryData(queryKey, (now) =>
        now?.flatMap((one) => (one.id === write.commentId ? after(one, write) : one)),
      ),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
}

function after(comment: ContentComment, write: Write): readonly ContentComment[] {
  if (!("resolved" in write)) return [];
  return [{ ...comment, resolvedAt: write.resolved ? new Date().toISOString() : null }];
}

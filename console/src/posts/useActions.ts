import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, ScheduledPost } from "presswork-client";
import { clientOf } from "../api/client";
import { messageOf } from "../api/errors";
import { toast, toastError } from "../ui/toasts";

/** Returns the calls that change a post. Each says what it did, or why it could not. */
export function usePostActions(environment: Environment) {
  const queries = useQueryClient();
  const { publishing } = clientOf(environment);
  const settled = {
    onError: (error: Error) => toastError(messageOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "posts"] }),
  };
  const cancel = useMutation({
    mutationFn: (post: ScheduledPost) => publishing.cancelPost({ postId: post.id }),
    onSuccess: () => toast("The post is canceled."),
    ...settled,
  });
  const move = useMutation({
    mutationFn: ({ post, to }: { readonly post: ScheduledPost; readonly to: Date }) =>
      publishing.reschedulePost({ postId: post.id, scheduledFor: to }),
    onSuccess: (_, { post }) =>
      toast("The post was moved.", {
        label: "Undo",
        run: () => void publishing.reschedulePost({ postId: post.id, scheduledFor: post.scheduledFor }),
      }),
    ...settled,
  });
  return { cancel, move };
}

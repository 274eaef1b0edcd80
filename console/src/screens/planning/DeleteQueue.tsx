import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, Queue } from "presswork-client";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { queuesKey } from "../../queues/queries";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { toast, toastError } from "../../ui/toasts";

interface DeleteQueueProps {
  readonly environment: Environment;
  readonly queue: Queue;
  readonly onClose: () => void;
}

/** Asks before a queue is deleted. */
export default function DeleteQueue({ environment, queue, onClose }: DeleteQueueProps) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => clientOf(environment).queues.delete({ queueId: queue.id }),
    onSuccess: () => toast(`The queue ${queue.name} was deleted.`),
    onError: (error) => toastError(messageOf(error)),
    onSettled: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: queuesKey(environment) });
    },
  });
  return (
    <ConfirmDialog
      title={`Delete ${queue.name}?`}
      action="Delete the queue"
      isPending={remove.isPending}
      onClose={onClose}
      onConfirm={() => remove.mutate()}
    >
      <p>Posts that are planned in it still go out at their times. New posts can't take its times any more.</p>
    </ConfirmDialog>
  );
}

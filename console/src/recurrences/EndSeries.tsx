import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { clientOf } from "../api/client";
import { messageOf } from "../api/errors";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { toast, toastError } from "../ui/toasts";

interface EndSeriesProps {
  readonly environment: Environment;
  readonly recurrenceId: string;
  readonly onClose: () => void;
}

/** Asks before a series of posts ends. */
export default function EndSeries({ environment, recurrenceId, onClose }: EndSeriesProps) {
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => clientOf(environment).recurrences.end({ recurrenceId }),
    onSuccess: () => toast("The series has ended."),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => {
      onClose();
      for (const part of ["recurrences", "posts", "content", "calendar"]) {
        void queries.invalidateQueries({ queryKey: [environment, part] });
      }
    },
  });
  return (
    <ConfirmDialog
      title="End this series?"
      action="End the series"
      isPending={end.isPending}
      onClose={onClose}
      onConfirm={() => end.mutate()}
    >
      <p>All of its posts that are still queued are canceled, and no new ones are made. What is live stays.</p>
    </ConfirmDialog>
  );
}

import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "../api/errors";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { toast, toastError } from "../ui/toasts";

interface RevokeLinkProps {
  readonly revoke: () => Promise<unknown>;
  /** The queries that have the link. */
  readonly queryKey: QueryKey;
  /** A sentence about what ends with the link and what stays. */
  readonly effect: string;
}

/** Ends a link to a page, after a question. */
export function RevokeLink({ revoke, queryKey, effect }: RevokeLinkProps) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const revocation = useMutation({
    mutationFn: revoke,
    onSuccess: () => toast("The link is revoked."),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => {
      setAsking(false);
      return queries.invalidateQueries({ queryKey });
    },
  });
  return (
    <>
      <Button kind="quiet" onPress={() => setAsking(true)}>
        Revoke
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Revoke this link?"
          action="Revoke the link"
          isPending={revocation.isPending}
          onConfirm={() => revocation.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>{effect}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

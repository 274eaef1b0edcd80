import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ScimToken } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { toast, toastError } from "../../ui/toasts";

/** Ends a token of an identity provider. */
export function RevokeToken({ token }: { readonly token: ScimToken }) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: () => clientOf("test").provisioning.revokeToken({ scimTokenId: token.id }),
    onSuccess: () => toast("The token is revoked."),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => {
      setAsking(false);
      return queries.invalidateQueries({ queryKey: ["scim-tokens"] });
    },
  });
  return (
    <>
      <Button kind="quiet" aria-label={`Revoke the token of ${token.name}`} onPress={() => setAsking(true)}>
        Revoke
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Revoke this token?"
          action="Revoke the token"
          isPending={revoke.isPending}
          onConfirm={() => revoke.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>{token.name} can't change people any more. People and groups stay as they are.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

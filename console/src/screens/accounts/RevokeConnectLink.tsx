import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ConnectLink, Environment } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { toast, toastError } from "../../ui/toasts";

interface RevokeConnectLinkProps {
  readonly environment: Environment;
  readonly link: ConnectLink;
}

/** Ends a link that still opens its page. */
export function RevokeConnectLink({ environment, link }: RevokeConnectLinkProps) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: () => clientOf(environment).connectLinks.revoke({ projectId: link.projectId, connectLinkId: link.id }),
    onSuccess: () => toast("The link is revoked."),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => {
      setAsking(false);
      return queries.invalidateQueries({ queryKey: [environment, "accounts", "links"] });
    },
  });
  if (link.status === "revoked" || link.status === "expired") return null;
  return (
    <>
      <Button kind="quiet" onPress={() => setAsking(true)}>
        Revoke
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Revoke this link?"
          action="Revoke the link"
          isPending={revoke.isPending}
          onConfirm={() => revoke.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>Its page is gone at once, and logins in progress fail. Accounts that it connected stay connected.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

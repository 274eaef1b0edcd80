import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, ReviewLink } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { toast, toastError } from "../../ui/toasts";

interface RevokeReviewLinkProps {
  readonly environment: Environment;
  readonly link: ReviewLink;
}

/** Ends a review link that still opens its page. */
export function RevokeReviewLink({ environment, link }: RevokeReviewLinkProps) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: () => clientOf(environment).reviewLinks.revoke({ reviewLinkId: link.id }),
    onSuccess: () => toast("The link is revoked."),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => {
      setAsking(false);
      return queries.invalidateQueries({ queryKey: [environment, "review-links"] });
    },
  });
  if (link.status !== "active") return null;
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
          <p>Its page is gone at once. Decisions that were made there stay.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

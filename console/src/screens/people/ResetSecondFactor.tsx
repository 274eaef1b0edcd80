import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { User } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { toast } from "../../ui/toasts";

interface ResetSecondFactorProps {
  readonly user: User;
  readonly onReset: () => void;
}

/** Removes the second factors of a person who has lost them. */
export function ResetSecondFactor({ user, onReset }: ResetSecondFactorProps) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const reset = useMutation({
    mutationFn: () => clientOf("test").users.resetSecondFactor({ userId: user.id }),
    onSuccess: () => {
      toast("The second factors are removed. The person is signed out everywhere.");
      onReset();
    },
    onSettled: () => {
      setAsking(false);
      return queries.invalidateQueries({ queryKey: ["people"] });
    },
  });
  return (
    <div>
      <ErrorNotice error={reset.error} />
      <Button kind="danger" onPress={() => setAsking(true)}>
        Reset the second factor
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Reset the second factor?"
          action="Reset it"
          isPending={reset.isPending}
          onConfirm={() => reset.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>
            Make sure that it is {user.name ?? user.email} who asks you: by phone, or in person. Their authenticator
            app, passkeys and recovery codes stop working, and they are signed out everywhere.
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
}

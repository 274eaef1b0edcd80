import { useMutation, useQueryClient } from "@tanstack/react-query";
import { clientOf } from "../../api/client";
import { readFactorsAgain } from "../../security/queries";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { ErrorNotice } from "../../ui/ErrorNotice";

interface RenewCodesProps {
  readonly onRenewed: (codes: readonly string[]) => void;
  readonly onClose: () => void;
}

/** Asks before it replaces the person's recovery codes. */
export function RenewCodes({ onRenewed, onClose }: RenewCodesProps) {
  const queries = useQueryClient();
  const renew = useMutation({
    mutationFn: () => clientOf("test").auth.renewRecoveryCodes(),
    onSuccess: ({ recoveryCodes }) => onRenewed(recoveryCodes),
    onSettled: () => readFactorsAgain(queries),
  });
  return (
    <ConfirmDialog
      title="Make new recovery codes?"
      action="Make new codes"
      isPending={renew.isPending}
      onConfirm={() => renew.mutate()}
      onClose={onClose}
    >
      <ErrorNotice error={renew.error} />
      <p>The codes that you have now stop working.</p>
    </ConfirmDialog>
  );
}

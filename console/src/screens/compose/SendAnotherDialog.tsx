import { ConfirmDialog } from "../../ui/ConfirmDialog";

interface SendAnotherDialogProps {
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

/** Asks before another post is sent while it is not known whether the last one was. */
export function SendAnotherDialog({ onClose, onConfirm }: SendAnotherDialogProps) {
  return (
    <ConfirmDialog
      title="Send this one too?"
      action="Send it"
      isPending={false}
      onClose={onClose}
      onConfirm={onConfirm}
    >
      <p>
        Your last post may have been sent: its answer was lost. If this is another version of it, look in the queue
        first.
      </p>
    </ConfirmDialog>
  );
}

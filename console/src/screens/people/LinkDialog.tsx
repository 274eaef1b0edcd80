import type { User } from "presswork-client";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import "../../ui/secret-dialog.css";

interface LinkDialogProps {
  readonly user: User;
  readonly link: string;
  readonly onClose: () => void;
}

/** Shows a new one-time link, which the API returns once. */
export function LinkDialog({ user, link, onClose }: LinkDialogProps) {
  return (
    <Dialog
      isAlert
      isOpen
      onClose={onClose}
      title={`The link for ${user.name ?? user.email}`}
      actions={
        <Button kind="primary" onPress={onClose}>
          Done
        </Button>
      }
    >
      <p>
        {user.linkEmailedAt === null
          ? "Pass it on. It works once, for 72 hours, and is not shown again."
          : `It was e-mailed to ${user.email}. It works once, for 72 hours.`}
      </p>
      <div className="secret">
        <code>{link}</code>
        <CopyButton text={link} what="the link" />
      </div>
    </Dialog>
  );
}

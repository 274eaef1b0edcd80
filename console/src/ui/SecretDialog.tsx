import { Button } from "./Button";
import { CopyButton } from "./CopyButton";
import { Dialog } from "./Dialog";
import { Notice } from "./Notice";
import "./secret-dialog.css";

interface SecretDialogProps {
  readonly title: string;
  /** What the secret is, for example "the key". */
  readonly what: string;
  readonly secret: string | null;
  readonly onClose: () => void;
}

/** Shows a secret once. It is gone when the dialog closes, so a click outside does not close it. */
export function SecretDialog({ title, what, secret, onClose }: SecretDialogProps) {
  return (
    <Dialog
      isAlert
      isOpen={secret !== null}
      onClose={onClose}
      title={title}
      actions={
        <Button kind="primary" onPress={onClose}>
          I have stored it
        </Button>
      }
    >
      <Notice tone="warn">Store it now. Presswork keeps no copy and can't show it again.</Notice>
      <div className="secret">
        <code>{secret}</code>
        {secret !== null && <CopyButton text={secret} what={what} />}
      </div>
    </Dialog>
  );
}

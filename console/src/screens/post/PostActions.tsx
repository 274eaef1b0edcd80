import { Ban, CalendarClock, ExternalLink } from "lucide-react";
import type { Environment, ScheduledPost } from "presswork-client";
import { useState } from "react";
import { usePostActions } from "../../posts/useActions";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { MoveDialog } from "./MoveDialog";

interface PostActionsProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
}

/** What can be done with a post now: open it, move it, cancel it. */
export function PostActions({ environment, post }: PostActionsProps) {
  const { cancel, move } = usePostActions(environment);
  const [open, setOpen] = useState<"cancel" | "move" | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      {post.externalUrl !== null && (
        <a className="button plain" href={post.externalUrl} target="_blank" rel="noreferrer">
          <ExternalLink aria-hidden /> Open the post
        </a>
      )}
      {post.status === "queued" && (
        <Button onPress={() => setOpen("move")}>
          <CalendarClock aria-hidden /> Move
        </Button>
      )}
      {(post.status === "queued" || post.status === "publishing") && (
        <Button kind="danger" onPress={() => setOpen("cancel")}>
          <Ban aria-hidden /> Cancel
        </Button>
      )}
      {open === "move" && (
        <MoveDialog post={post} onClose={close} onMove={(to) => move.mutate({ post, to }, { onSuccess: close })} />
      )}
      <Dialog
        isAlert
        isOpen={open === "cancel"}
        onClose={close}
        title="Cancel this post?"
        actions={
          <>
            <Button onPress={close}>Keep it</Button>
            <Button
              kind="danger"
              isPending={cancel.isPending}
              onPress={() => cancel.mutate(post, { onSettled: close })}
            >
              Cancel the post
            </Button>
          </>
        }
      >
        <p>It will not be published. If its platform was already asked to make it live, it stays.</p>
      </Dialog>
    </>
  );
}

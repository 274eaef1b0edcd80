import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Content, Environment } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../api/client";
import { messageOf } from "../api/errors";
import { captionLine } from "../posts/captionLine";
import { Button } from "../ui/Button";
import { Checkbox } from "../ui/Checkbox";
import { Dialog } from "../ui/Dialog";
import { Notice } from "../ui/Notice";
import { toast } from "../ui/toasts";

interface DeleteContentProps {
  readonly environment: Environment;
  /** At least one. */
  readonly contents: readonly Content[];
  readonly onClose: () => void;
  /** Called with those that stay, because the server refused. */
  readonly onEnd?: (refused: readonly string[]) => void;
}

interface Refusal {
  readonly id: string;
  readonly name: string;
  readonly message: string;
}

/** Deletes content, after it has said what goes and what stays. */
export default function DeleteContent({ environment, contents, onClose, onEnd }: DeleteContentProps) {
  const queries = useQueryClient();
  const [items] = useState(contents); // a list that is read again meanwhile does not have what was deleted
  const [hasErasure, setErasure] = useState(false);
  const what = items.length === 1 ? "this content" : `${items.length} items`;
  const deletion = useMutation({
    mutationFn: async () => {
      const refused: Refusal[] = [];
      for (const { id, caption } of items) {
        try {
          await clientOf(environment).content.delete({ containerId: id, erase: hasErasure });
        } catch (error) {
          refused.push({ id, name: captionLine(caption) || "Without a caption", message: messageOf(error) });
        }
      }
      return refused;
    },
    onSuccess: (refused) => {
      const count = items.length - refused.length;
      if (count > 0) toast(count === 1 ? "Deleted." : `${count} items are deleted.`);
      onEnd?.(refused.map(({ id }) => id));
      if (refused.length === 0) onClose();
    },
    onSettled: () =>
      Promise.all(["content", "posts"].map((part) => queries.invalidateQueries({ queryKey: [environment, part] }))),
  });
  const refused = deletion.data ?? [];
  const hasEnded = deletion.data !== undefined;
  return (
    <Dialog
      isAlert
      isOpen
      onClose={onClose}
      title={hasEnded ? "Not everything was deleted" : `Delete ${what}?`}
      actions={
        hasEnded ? (
          <Button kind="primary" onPress={onClose}>
            Done
          </Button>
        ) : (
          <>
            <Button onPress={onClose}>Cancel</Button>
            <Button kind="danger" isPending={deletion.isPending} onPress={() => deletion.mutate()}>
              Delete {what}
            </Button>
          </>
        )
      }
    >
      {hasEnded ? (
        refused.map(({ id, name, message }) => (
          <Notice key={id} tone="bad" title={name}>
            {message}
          </Notice>
        ))
      ) : (
        <>
          <p>
            The files are removed for good and take no more room. What it was, and the posts of it, stay readable here.
          </p>
          <p>Posts that are live stay live on their networks. To take one down, open it.</p>
          <Checkbox isSelected={hasErasure} onChange={setErasure}>
            Also erase the texts, and those of the posts
          </Checkbox>
        </>
      )}
    </Dialog>
  );
}

import type { Environment } from "presswork-client";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { useNow } from "../../ui/useNow";
import type { Waiting } from "./inbox";
import { counted, useApproveAll } from "./useDecisions";

interface ApproveSelectedProps {
  readonly environment: Environment;
  readonly selected: readonly Waiting[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Approves several items, after it has said how many, and how many go out at once. */
export function ApproveSelected({ environment, selected, onClose, onDone }: ApproveSelectedProps) {
  const now = useNow();
  const approve = useApproveAll(environment);
  const scheduled = selected.filter(({ dueAt }) => dueAt !== null).length;
  const over = selected.filter(({ dueAt }) => dueAt !== null && new Date(dueAt) <= now).length;
  const what = counted(selected.length, "item", "items");
  const run = () =>
    approve.mutate(
      selected.map(({ content }) => content),
      { onSettled: onDone },
    );
  return (
    <Dialog
      isAlert
      isOpen
      onClose={onClose}
      title={`Approve ${what}?`}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={approve.isPending} onPress={run}>
            Approve {what}
          </Button>
        </>
      }
    >
      <p>
        {scheduled === 0
          ? "None of them has a time yet."
          : `${scheduled} of them ${scheduled === 1 ? "has" : "have"} a time${over === 0 ? "." : `, and ${over} ${over === 1 ? "goes" : "go"} out at once, because that time is over.`}`}{" "}
        An approval can't be taken back.
      </p>
    </Dialog>
  );
}

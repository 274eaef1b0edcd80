import type { Environment } from "presswork-client";
import { useState } from "react";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { useNow } from "../../ui/useNow";
import type { Waiting } from "./inbox";
import { counted, useApproveAll } from "./useDecisions";

interface ApproveSelectedProps {
  readonly environment: Environment;
  /** Each as it was seen. */
  readonly selected: readonly Waiting[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Approves several items, after it has said how many, and how many go out at once. To close it ends that. */
export default function ApproveSelected({ environment, selected, onClose, onDone }: ApproveSelectedProps) {
  const now = useNow();
  const approve = useApproveAll(environment);
  const [stopping] = useState(() => new AbortController());
  const [started, setStarted] = useState<readonly Waiting[] | null>(null);
  const items = started ?? selected;
  const scheduled = items.filter(({ dueAt }) => dueAt !== null).length;
  const over = items.filter(({ dueAt }) => dueAt !== null && new Date(dueAt) <= now).length;
  const what = counted(items.length, "item", "items");
  const run = () => {
    setStarted(items);
    const contents = items.map(({ content }) => content);
    approve.mutate({ contents, signal: stopping.signal }, { onSettled: onDone });
  };
  const close = () => {
    stopping.abort();
    onClose();
  };
  return (
    <Dialog
      isAlert
      isOpen
      onClose={close}
      title={`Approve ${what}?`}
      actions={
        <>
          <Button onPress={close}>{approve.isPending ? "Stop" : "Cancel"}</Button>
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

import { useQuery } from "@tanstack/react-query";
import type { Environment, PublishingStartBulkParams, Status } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { ACTIONS, commandOf, countOf } from "../../posts/actions/actions";
import { BULK_ACTIONS, startBulks } from "../../posts/actions/bulk";
import type { BulkActionId, StartedBulk } from "../../posts/actions/ids";
import { MoveFields } from "../../posts/actions/MoveFields";
import { type Move, movedTime } from "../../posts/actions/moving";
import { ReasonField } from "../../posts/actions/TakeDownFields";
import { effectSentence } from "../../posts/actions/takeDown";
import { LIVE } from "../../posts/afterwards";
import type { Row } from "../../posts/groups";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import type { Filter } from "./filter";
import { useCount } from "./useTotals";

/** The states of posts with which something can be done. */
const POSSIBLE: Readonly<Record<BulkActionId, readonly Status[]>> = {
  cancel: ["queued", "publishing"],
  move: ["queued"],
  publish: ["queued"],
  takeDown: ["published"],
};
const DAY_LATER = { by: 1, unit: "days", isEarlier: false } as const;

interface MatchingDialogProps {
  readonly environment: Environment;
  readonly action: BulkActionId;
  readonly filter: Filter;
  readonly first: Row | undefined;
  readonly zoneOf: (projectId: string) => string;
  readonly onClose: () => void;
  readonly onStarted: (jobs: readonly StartedBulk[]) => void;
}

/** Asks before something is done with all posts that match, also those that are not loaded. */
export function MatchingDialog(props: MatchingDialogProps) {
  const { environment, action, first, zoneOf, onClose, onStarted } = props;
  const [filter] = useState(props.filter); // what is due meanwhile is not counted

  const status = POSSIBLE[action].filter((one) => filter.status?.includes(one));
  const isTakeDown = action === "takeDown";
  const live = LIVE.filter((one) => filter.liveStatus?.includes(one) ?? true);
  const possible = { ...filter, status, ...(isTakeDown && { liveStatus: live }) };
  const matching = useCount(environment, filter);
  const counted = useCount(environment, status.length > 0 && (!isTakeDown || live.length > 0) ? possible : null);
  const earliest = useQuery({
    queryKey: [environment, "posts", "earliest", possible],
    queryFn: () =>
      clientOf(environment)
        .publishing.searchPosts({ ...possible, order: "asc", limit: 1 })
        .then(({ items }) => items),
    enabled: action === "move" && status.length > 0,
  });
  const [move, setMove] = useState<Move | null>(DAY_LATER);
  const [reason, setReason] = useState("");
  const [state, setState] = useState<"idle" | "starting" | Error>("idle");
  const count = status.length === 0 || (isTakeDown && live.length === 0) ? 0 : counted?.total;
  if (count === undefined) return null;
  const { effect, isDangerous } = ACTIONS[action];
  const skipped = (matching?.total ?? count) - count;
  const start = earliest.data?.[0] ?? first;

  const confirm = async () => {
    setState("starting");
    try {
      onStarted(await startBulks(environment, [order()]));
    } catch (error) {
      setState(error instanceof Error ? error : new Error(messageOf(error)));
    }
  };
  const order = (): PublishingStartBulkParams => ({
    action: BULK_ACTIONS[action],
    filter: possible,
    ...timesOf(),
    ...(isTakeDown && reason.trim() !== "" && { reason: reason.trim() }),
  });
  const timesOf = (): Pick<PublishingStartBulkParams, "scheduledFor" | "shiftSeconds"> => {
    if (action !== "move" || move === null || start === undefined) return {};
    if ("to" in move) return { scheduledFor: move.to.toDate() };
    const moved = movedTime(start.scheduledFor, move, zoneOf(start.projectId));
    return { shiftSeconds: Math.round((moved.getTime() - Date.parse(start.scheduledFor)) / 1000) };
  };

  const what = `all ${countOf({ length: count })}`;
  return (
    <Dialog
      isOpen
      isAlert={isDangerous}
      onClose={onClose}
      title={`${commandOf(action, what)}${action === "move" ? "" : "?"}`}
      actions={
        <>
          <Button onPress={onClose}>{action === "cancel" || isTakeDown ? "Keep them" : "Cancel"}</Button>
          <Button
            kind={isDangerous ? "danger" : "primary"}
            isDisabled={count === 0 || (action === "move" && (move === null || start === undefined))}
            isPending={state === "starting"}
            onPress={() => void confirm()}
          >
            {commandOf(action, what)}
          </Button>
        </>
      }
    >
      {state instanceof Error && <Notice tone="bad">{messageOf(state)}</Notice>}
      {effect !== "" && <p>{effect}</p>}
      {isTakeDown && <p>{effectSentence([])}</p>}
      <p>This concerns all posts that match the filters, also those further down the list.</p>
      {action === "move" && (
        <>
          <MoveFields first={start} count={count} move={move} onChange={setMove} zoneOf={zoneOf} />
          {move !== null && "by" in move && move.unit === "days" && (
            <p className="soft small">
              All are moved by the same time. Beyond a change of clocks, the time of day changes with it.
            </p>
          )}
        </>
      )}
      {isTakeDown && count > 0 && (
        <>
          <p className="soft">
            A network may have no way for programs to delete a post, or the owner of an account may not have agreed to
            it. Such posts stay live, and the results say what a person must do.
          </p>
          <ReasonField reason={reason} onReason={setReason} />
        </>
      )}
      {skipped > 0 && (
        <Notice tone="warn">
          {countOf({ length: skipped })} will be skipped: {isTakeDown ? "not live" : "too late for this"}.
        </Notice>
      )}
    </Dialog>
  );
}

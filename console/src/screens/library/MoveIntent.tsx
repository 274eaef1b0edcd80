import { now as nowIn, parseAbsolute, type ZonedDateTime } from "@internationalized/date";
import type { ScheduleIntent } from "presswork-client";
import { useState } from "react";
import { issuesOf, messageOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { DateTimeField } from "../../ui/DateTimeField";
import { Dialog } from "../../ui/Dialog";
import { exactTime, viewerZone } from "../../ui/times";

interface MoveIntentProps {
  readonly intent: ScheduleIntent;
  /** The project's. */
  readonly zone: string | undefined;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
  readonly onMove: (to: Date) => void;
}

/** Chooses another time for a schedule call that waits for approval. A sentence names the instant first. */
export default function MoveIntent({
  intent,
  zone = viewerZone(),
  isPending,
  error,
  onClose,
  onMove,
}: MoveIntentProps) {
  const [time, setTime] = useState<ZonedDateTime | null>(() => parseAbsolute(intent.scheduledFor, zone));
  const isPast = time !== null && time.compare(nowIn(zone)) < 0;
  const refused = error ? (issuesOf(error)["scheduledFor"] ?? messageOf(error)) : undefined;
  const problem = isPast ? "This time is over. Choose a later one." : refused;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Move this schedule"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isDisabled={time === null || isPast}
            isPending={isPending}
            onPress={() => time && onMove(time.toDate())}
          >
            Move
          </Button>
        </>
      }
    >
      <DateTimeField label="New time" value={time} onChange={setTime} error={problem} />
      {time !== null && !isPast && (
        <p>
          Once it is approved, it is published on <strong>{exactTime(time.toDate(), zone)}</strong>.
        </p>
      )}
    </Dialog>
  );
}

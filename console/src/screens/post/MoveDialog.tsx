import { now as nowIn, parseAbsolute, type ZonedDateTime } from "@internationalized/date";
import type { ScheduledPost } from "presswork-client";
import { useState } from "react";
import { Button } from "../../ui/Button";
import { DateTimeField } from "../../ui/DateTimeField";
import { Dialog } from "../../ui/Dialog";
import { exactTime, viewerZone } from "../../ui/times";

interface MoveDialogProps {
  readonly post: ScheduledPost;
  readonly onClose: () => void;
  readonly onMove: (to: Date) => void;
}

/** Chooses another time for a post. A sentence names the instant before anything happens. */
export function MoveDialog({ post, onClose, onMove }: MoveDialogProps) {
  const zone = viewerZone();
  const [time, setTime] = useState<ZonedDateTime | null>(() => parseAbsolute(post.scheduledFor, zone));
  const isPast = time !== null && time.compare(nowIn(zone)) < 0;
  const error = isPast ? "This time is over. Choose a later one." : undefined;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Move this post"
      actions={
        <>
          <Button onPress={onClose}>Leave it</Button>
          <Button kind="primary" isDisabled={time === null || isPast} onPress={() => time && onMove(time.toDate())}>
            Move
          </Button>
        </>
      }
    >
      <DateTimeField label="New time" value={time} onChange={setTime} error={error} />
      {time !== null && !isPast && (
        <p>
          It will be published on <strong>{exactTime(time.toDate(), zone)}</strong>.
        </p>
      )}
    </Dialog>
  );
}

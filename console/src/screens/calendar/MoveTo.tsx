import { now as nowIn, parseAbsolute, toCalendarDateTime, type ZonedDateTime } from "@internationalized/date";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { postQuery } from "../../posts/queries";
import { Button } from "../../ui/Button";
import { DateTimeField } from "../../ui/DateTimeField";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { SkeletonRows } from "../../ui/Skeleton";
import { useCalendar } from "./context";
import { landing, landingSentence } from "./dates";
import type { CalendarPost } from "./posts";
import { shownPost } from "./refresh";

interface MoveToProps {
  readonly postId: string;
  readonly onClose: () => void;
}

/** Moves a post to a date and time that are typed or chosen. */
export function MoveTo({ postId, onClose }: MoveToProps) {
  const { environment } = useCalendar();
  const post = useQuery(postQuery(environment, postId));
  const queries = useQueryClient();
  if (post.data?.status === "queued") {
    return <MoveQueued post={{ ...shownPost(queries, environment, postId), ...post.data }} onClose={onClose} />;
  }
  return (
    <Dialog isOpen onClose={onClose} title="Move this post" actions={<Button onPress={onClose}>Close</Button>}>
      {post.isPending && <SkeletonRows rows={2} />}
      {post.isError && <ErrorNotice error={post.error} />}
      {post.data && <Notice tone="warn">Only a queued post can be moved; this one is {post.data.status}.</Notice>}
    </Dialog>
  );
}

function MoveQueued({ post, onClose }: { readonly post: CalendarPost; readonly onClose: () => void }) {
  const { zone, moves } = useCalendar();
  const [time, setTime] = useState<ZonedDateTime | null>(() => parseAbsolute(post.scheduledFor, zone));
  const isSame = time?.compare(parseAbsolute(post.scheduledFor, zone)) === 0;
  const isOver = time !== null && time.compare(nowIn(zone)) < 0;
  const place = time === null ? null : landing(toCalendarDateTime(time), zone);
  const move = () => {
    if (place !== null) moves.move(post, place.instant);
    onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Move this post"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={place === null || isOver || isSame} onPress={move}>
            Move
          </Button>
        </>
      }
    >
      <DateTimeField
        label="New time"
        value={time}
        onChange={setTime}
        error={isOver ? "This time is over. Choose a later one." : undefined}
      />
      {place !== null && !isOver && (
        <p>
          It will be published on <strong>{landingSentence(place, zone)}</strong>
        </p>
      )}
    </Dialog>
  );
}

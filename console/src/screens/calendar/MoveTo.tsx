import { now as nowIn, parseAbsolute, toCalendarDateTime, type ZonedDateTime } from "@internationalized/date";
import { useQueryClient } from "@tanstack/react-query";
import type { ScheduledPost } from "presswork-client";
import { useState } from "react";
import { countOf } from "../../posts/actions/actions";
import { usePostsById } from "../../posts/usePostsById";
import { Button } from "../../ui/Button";
import { DateTimeField } from "../../ui/DateTimeField";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { SkeletonRows } from "../../ui/Skeleton";
import { dayTime } from "../../ui/times";
import { useCalendar } from "./context";
import { landing, landingSentence } from "./dates";
import { shownPosts } from "./refresh";
import { ALL, WhichPosts } from "./WhichPosts";

const SHOWN_SLOTS = 4;

interface MoveToProps {
  readonly postIds: readonly string[];
  /** Where they were dropped; else they are still where they were. */
  readonly to: string | undefined;
  readonly onClose: () => void;
}

/** Moves posts to a date and time that are typed or chosen, or where they were dropped. Of several, it asks which. */
export default function MoveTo({ postIds, to, onClose }: MoveToProps) {
  const { environment } = useCalendar();
  const queries = useQueryClient();
  const shown = shownPosts(queries, environment);
  const { posts, isPending } = usePostsById(environment, postIds, shown, shown);
  const queued = posts.filter(({ status }) => status === "queued");
  const title = postIds.length === 1 ? "Move this post" : `Move these ${postIds.length} posts`;
  if (queued.length > 0 && !isPending) {
    return <MoveQueued title={title} posts={queued} left={posts.length - queued.length} to={to} onClose={onClose} />;
  }
  return (
    <Dialog isOpen onClose={onClose} title={title} actions={<Button onPress={onClose}>Close</Button>}>
      {isPending && <SkeletonRows rows={2} />}
      {!isPending && (
        <Notice tone="warn">
          {posts.length === 0
            ? "There is no such post."
            : `Only a queued post can be moved; this one is ${posts[0]?.status}.`}
        </Notice>
      )}
    </Dialog>
  );
}

interface MoveQueuedProps {
  readonly title: string;
  readonly posts: readonly ScheduledPost[];
  /** How many posts stay, because they are not queued any more. */
  readonly left: number;
  readonly to: string | undefined;
  readonly onClose: () => void;
}

function MoveQueued({ title, posts, left, to, onClose }: MoveQueuedProps) {
  const { zone, moves, slots } = useCalendar();
  const free = [...slots.values()]
    .flat()
    .filter((slot) => slot.isFree && slot.queueId === posts[0]?.queueId)
    .slice(0, SHOWN_SLOTS);
  const before = posts[0]?.scheduledFor ?? "";
  const [which, setWhich] = useState<string>(ALL);
  const [time, setTime] = useState<ZonedDateTime | null>(() => parseAbsolute(to ?? before, zone));
  const chosen = which === ALL ? posts : posts.filter(({ id }) => id === which);
  const isSame = time?.compare(parseAbsolute(before, zone)) === 0;
  const isOver = time !== null && time.compare(nowIn(zone)) < 0;
  const place = time === null ? null : landing(toCalendarDateTime(time), zone);
  const move = () => {
    if (place !== null) moves.move(chosen, place.instant);
    onClose();
  };
  const isSeveral = posts.length > 1;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={place === null || isOver || isSame} onPress={move}>
            {!isSeveral ? "Move" : chosen.length > 1 ? `Move all ${chosen.length}` : "Move only this one"}
          </Button>
        </>
      }
    >
      {isSeveral && <WhichPosts posts={posts} value={which} onChange={setWhich} />}
      {free.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a row of buttons is no fieldset
        <div className="move-slots" role="group" aria-label="Free slots of its queue">
          {free.map((slot) => (
            <Button key={slot.slotAt} onPress={() => setTime(parseAbsolute(slot.slotAt, zone))}>
              {dayTime(new Date(slot.slotAt), new Date(), zone)}
            </Button>
          ))}
        </div>
      )}
      <DateTimeField
        label="New time"
        value={time}
        onChange={setTime}
        error={isOver ? "This time is over. Choose a later one." : undefined}
      />
      {place !== null && !isOver && (
        <p>
          {chosen.length > 1 ? "They" : "It"} will be published on <strong>{landingSentence(place, zone)}</strong>
        </p>
      )}
      {left > 0 && (
        <p className="soft small">
          {countOf({ length: left })} of the same content {left === 1 ? "is" : "are"} not queued any more, and{" "}
          {left === 1 ? "stays" : "stay"} where {left === 1 ? "it is" : "they are"}.
        </p>
      )}
    </Dialog>
  );
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Environment, ScheduledPost } from "presswork-client";
import { useState } from "react";
import { clientOf, serverNow } from "../api/client";
import { messageOf } from "../api/errors";
import { countOf } from "../posts/actions/actions";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Loaded } from "../ui/Loaded";
import { Select } from "../ui/Select";
import { SkeletonRows } from "../ui/Skeleton";
import { dayTime, exactTime } from "../ui/times";
import { toast, toastError } from "../ui/toasts";
import { useNow } from "../ui/useNow";
import { MAX_SHOWN_SLOTS, openFrom, queuesQuery, slotsQuery } from "./queries";
import { useFreeSlot } from "./useFreeSlot";

const POSITIONS = [
  { id: "next", label: "The next free time" },
  { id: "last", label: "After all that is planned" },
] as const;

interface MoveToQueueProps {
  readonly environment: Environment;
  /** One post, or those of one content that are due together, which then share a time. */
  readonly posts: readonly [ScheduledPost, ...ScheduledPost[]];
  readonly onClose: () => void;
}

/** Moves what is planned into a queue. A sentence names the instant before anything happens. */
export default function MoveToQueue({ environment, posts, onClose }: MoveToQueueProps) {
  const [post] = posts;
  const queries = useQueryClient();
  const queues = useQuery({
    ...queuesQuery(environment, post.projectId),
    select: (all) =>
      all.filter(
        ({ slots, socialAccountIds }) =>
          slots.length > 0 && posts.every(({ socialAccountId }) => socialAccountIds?.includes(socialAccountId) ?? true),
      ),
  });
  const [queueId, setQueueId] = useState<string | null>(null);
  const [place, setPlace] = useState<string>("next");
  const queue = queues.data?.find(({ id }) => id === queueId) ?? queues.data?.[0];
  const now = useNow();
  const slots = useQuery({
    ...slotsQuery(
      environment,
      queue?.id ?? "",
      openFrom(queue ?? { pausedUntil: null }, `${now.toISOString().slice(0, 16)}:00Z`),
      MAX_SHOWN_SLOTS,
    ),
    enabled: queue !== undefined,
    placeholderData: (before) => before,
  });
  const position = POSITIONS.find(({ id }) => id === place)?.id;
  const freeAt = useFreeSlot(environment, position === undefined ? undefined : queue, {
    accounts: posts.map(({ socialAccountId }) => socialAccountId),
    position: position ?? "next",
    leaving: posts.map(({ id }) => id),
  });
  const free = (slots.data ?? []).filter(({ takenBy }) => takenBy.length === 0);
  const dueAt = position === undefined ? free.find(({ slotAt }) => slotAt === place)?.scheduledFor : freeAt;
  const { publishing } = clientOf(environment);
  const isSeveral = posts.length > 1;
  const move = useMutation({
    mutationFn: (id: string) =>
      publishing.reschedulePost({
        postId: post.id,
        queue: id,
        together: isSeveral,
        ...(position === undefined ? { slotAt: place } : { position }),
      }),
    onSuccess: ({ scheduledFor }) => {
      const when = exactTime(new Date(scheduledFor), queue?.timezone);
      toast(`${isSeveral ? `${countOf(posts)} are` : "The post is"} due on ${when}.`, {
        label: "Undo",
        run: () => void moveBack().catch((error: unknown) => toastError(messageOf(error))),
      });
      void refresh();
      onClose();
    },
  });
  const refresh = () =>
    Promise.all(
      ["queues", "posts", "calendar"].map((part) => queries.invalidateQueries({ queryKey: [environment, part] })),
    );
  /** Moves each post to the slot or the time that it had; to the present one that was late. */
  const moveBack = async () => {
    for (const { id, queueId: from, slotAt, scheduledFor } of posts) {
      const former = new Date(Math.max(Date.parse(scheduledFor), serverNow().getTime()));
      const where = from !== null && slotAt !== null ? { queue: from, slotAt } : { scheduledFor: former };
      await publishing.reschedulePost({ postId: id, ...where });
    }
    await refresh();
  };
  const what = isSeveral ? `all ${posts.length}` : "this post";
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Move ${what} to a queue`}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isDisabled={queue === undefined}
            isPending={move.isPending}
            onPress={() => queue && move.mutate(queue.id)}
          >
            Move {what}
          </Button>
        </>
      }
    >
      <ErrorNotice error={move.error} />
      <Loaded query={queues} skeleton={<SkeletonRows rows={2} />}>
        {(all) =>
          queue === undefined ? (
            <p>No queue of the project has times for {isSeveral ? "these accounts" : "this account"}.</p>
          ) : (
            <>
              <Select
                label="Queue"
                choices={all.map(({ id, name }) => ({ id, label: name }))}
                value={queue.id}
                onChange={(id) => {
                  setQueueId(id);
                  setPlace("next");
                }}
              />
              <Select
                label="Time"
                choices={[
                  ...POSITIONS,
                  ...free.map(({ slotAt }) => ({ id: slotAt, label: dayTime(new Date(slotAt), now, queue.timezone) })),
                ]}
                value={place}
                onChange={setPlace}
              />
              {dueAt != null && (
                <p>
                  {isSeveral ? "They go" : "It goes"} out on{" "}
                  <strong>{exactTime(new Date(dueAt), queue.timezone)}</strong>.
                </p>
              )}
            </>
          )
        }
      </Loaded>
    </Dialog>
  );
}

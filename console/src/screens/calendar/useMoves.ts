import { useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";
import type { Environment, ScheduledPost } from "presswork-client";
import { useMemo } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { countOf } from "../../posts/actions/actions";
import type { Row } from "../../posts/groups";
import { toast, toastError } from "../../ui/toasts";
import { instantName, landingOf, type Target } from "./dates";
import { refreshRows } from "./refresh";
import { lastMoves, type Move, movable } from "./rows";
import { type SlotsByDay, slotAt } from "./slots";

interface Request {
  readonly moves: readonly Move[];
  readonly isUndo?: true;
}

/** What moves posts, and the moves that the server does not show yet. */
export interface Moves {
  readonly pending: readonly Move[];
  /** Moves posts at once, and takes it back if the API refuses. */
  readonly move: (posts: readonly ScheduledPost[], to: Date) => void;
  /** Moves what is queued of a row to where it was dropped; of several posts, a person is asked which. A time that is over is refused here. */
  readonly drop: (row: Row, target: Target) => void;
}

/** Returns what moves posts. The calendar shows a move before the server has answered. */
export function useMoves(
  environment: Environment,
  zone: string,
  slots: SlotsByDay,
  onAsk: (posts: readonly ScheduledPost[], to: Date) => void,
): Moves {
  const queries = useQueryClient();
  const mutationKey = [environment, "calendar", "move"];
  const { mutate } = useMutation({
    mutationKey,
    scope: { id: `move in ${environment}` }, // two moves of a post happen in their order
    mutationFn: async ({ moves }: Request): Promise<readonly Move[]> => {
      const [first, ...others] = moves;
      if (first === undefined) return [];
      if (others.length === 0 || moves.some((move) => move.slotAt !== undefined)) {
        for (const move of moves) await moveOne(environment, move);
        return moves;
      }
      const { ordersOf, reportSentence, runBulks } = await import("../../posts/actions/bulk");
      const to = new Map(moves.map((move) => [move.post.id, new Date(move.to)]));
      const posts = moves.map(({ post }) => post);
      const report = await runBulks(
        queries,
        environment,
        ordersOf("move", posts, ({ id }) => to.get(id) ?? new Date()),
      );
      const failed = report.items.filter(({ ok }) => !ok);
      if (failed.length > 0) toastError(`${reportSentence(report, "moved")} ${failed[0]?.error?.message ?? ""}`);
      return moves.filter(({ post }) => failed.every(({ postId }) => postId !== post.id));
    },
    onSuccess: (done, { isUndo }) => {
      const [first] = done;
      if (first === undefined) return;
      const back = done.map(({ post, to }) => ({
        post: { ...post, scheduledFor: to },
        to: post.scheduledFor,
        slotAt: post.slotAt ?? undefined,
      }));
      const what = done.length === 1 ? "Moved" : `Moved ${countOf(done)}`;
      toast(
        `${what} ${isUndo ? "back " : ""}to ${instantName(new Date(first.to), zone)}.`,
        isUndo ? undefined : { label: "Undo", run: () => mutate({ moves: back, isUndo: true }) },
      );
    },
    onError: (error, { moves }) =>
      toastError(`${moves.length === 1 ? "The post was" : "The posts were"} not moved. ${messageOf(error)}`),
    onSettled: async (_, __, { moves }) => {
      const ids = new Set(moves.map(({ post }) => post.id));
      const times = moves.flatMap(({ post, to }) => [post.scheduledFor, to]);
      // The posts first: a move is shown until the numbers include it.
      await refreshRows(
        queries,
        environment,
        (span, posts) =>
          times.some((at) => span.since <= at && at <= span.until) || posts?.some(({ id }) => ids.has(id)) === true,
      );
      await queries.invalidateQueries({ queryKey: [environment, "posts"] });
    },
  });
  const all = useMutationState({
    filters: { mutationKey, status: "pending" },
    select: ({ state }) => (state.variables as Request).moves,
  });
  const pending = useMemo(() => lastMoves(all.flat()), [all]);
  return useMemo(() => {
    const move = (posts: readonly ScheduledPost[], to: Date) =>
      mutate({
        moves: posts.map((post) => {
          const slot = slotAt(slots, post.queueId, to, zone);
          return { post, to: to.toISOString(), slotAt: slot?.slotAt };
        }),
      });
    const drop = (row: Row, target: Target) => {
      const { instant } = landingOf(row.scheduledFor, target, zone);
      const posts = movable(row);
      if (instant.getTime() === Date.parse(row.scheduledFor)) return;
      if (instant < new Date()) toastError(`${instantName(instant, zone)} is over. Choose a later day or time.`);
      else if (posts.length > 1) onAsk(posts, instant);
      else move(posts, instant);
    };
    return { pending, move, drop };
  }, [mutate, onAsk, pending, slots, zone]);
}

/** Moves a post to an instant, or into a slot of its queue, also one that it has left since. */
async function moveOne(environment: Environment, { post, to, slotAt: slot }: Move): Promise<void> {
  const { publishing } = clientOf(environment);
  if (slot === undefined || post.queueId === null) {
    await publishing.reschedulePost({ postId: post.id, scheduledFor: to });
  } else {
    await publishing.reschedulePost({ postId: post.id, queue: post.queueId, slotAt: slot });
  }
}

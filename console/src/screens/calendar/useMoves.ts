import { useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { useMemo } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { toast, toastError } from "../../ui/toasts";
import { instantName, landingOf, type Target } from "./dates";
import { type CalendarPost, lastMoves, type Move } from "./posts";
import { refreshRows } from "./refresh";

interface Request extends Move {
  readonly isUndo?: true;
}

/** What moves posts, and the moves that the server does not show yet. */
export interface Moves {
  readonly pending: readonly Move[];
  /** Moves a post at once, and takes it back if the API refuses. */
  readonly move: (post: CalendarPost, to: Date) => void;
  /** Moves a post to where it was dropped. A time that is over is refused here. */
  readonly drop: (post: CalendarPost, target: Target) => void;
}

/** Returns what moves posts. The calendar shows a move before the server has answered. */
export function useMoves(environment: Environment, zone: string): Moves {
  const queries = useQueryClient();
  const mutationKey = [environment, "calendar", "move"];
  const { mutate } = useMutation({
    mutationKey,
    scope: { id: `move in ${environment}` }, // two moves of a post happen in their order
    mutationFn: ({ post, to }: Request) =>
      clientOf(environment).publishing.reschedulePost({ postId: post.id, scheduledFor: to }),
    onSuccess: (_, { post, to, isUndo }) => {
      const undo = () => mutate({ post: { ...post, scheduledFor: to }, to: post.scheduledFor, isUndo: true });
      toast(
        `Moved ${isUndo ? "back " : ""}to ${instantName(new Date(to), zone)}.`,
        isUndo ? undefined : { label: "Undo", run: undo },
      );
    },
    onError: (error) => toastError(`The post was not moved. ${messageOf(error)}`),
    onSettled: async (_, __, { post, to }) => {
      // The posts first: a move is shown until the numbers include it.
      await refreshRows(
        queries,
        environment,
        (span, rows) =>
          [post.scheduledFor, to].some((at) => span.since <= at && at <= span.until) ||
          rows?.some(({ id }) => id === post.id) === true,
      );
      await queries.invalidateQueries({ queryKey: [environment, "posts"] });
    },
  });
  const all = useMutationState({
    filters: { mutationKey, status: "pending" },
    select: ({ state }) => state.variables as Request,
  });
  const pending = useMemo(() => lastMoves(all), [all]);
  return useMemo(() => {
    const move = (post: CalendarPost, to: Date) => mutate({ post, to: to.toISOString() });
    const drop = (post: CalendarPost, target: Target) => {
      const { instant } = landingOf(post.scheduledFor, target, zone);
      if (instant.getTime() === Date.parse(post.scheduledFor)) return;
      if (instant < new Date()) toastError(`${instantName(instant, zone)} is over. Choose a later day or time.`);
      else move(post, instant);
    };
    return { pending, move, drop };
  }, [mutate, pending, zone]);
}

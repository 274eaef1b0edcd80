import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { attemptAt, forgetAttempt, type Standing, sendAttempt, standingOf } from "../api/attempt";
import { clientOf, randomKey } from "../api/client";

interface Call {
  readonly text: string;
  readonly idempotencyKey: string;
}

interface Reply {
  readonly send: () => void;
  readonly isPending: boolean;
  readonly error: Error | null;
  /** What may have become of an earlier attempt. */
  readonly standing: Standing;
  /** The text of that attempt; null: there is none. */
  readonly formerText: string | null;
}

/**
 * Sends a reply to a comment. The same text is sent again under the same idempotency key, also after a reload, so that it is
 * posted once.
 */
export function useReply(
  environment: Environment,
  userId: string,
  commentId: string,
  text: string,
  onSent: (replyId: string) => void,
): Reply {
  const queries = useQueryClient();
  const place = `reply-${environment}-${commentId}`;
  const of = JSON.stringify([userId, text]);
  const reply = useMutation({
    mutationFn: () =>
      sendAttempt<Call, { readonly id: string }>(
        place,
        of,
        async () => ({ text, idempotencyKey: randomKey() }),
        (call) =>
          clientOf(environment).comments.reply({ commentId, text: call.text }, { idempotencyKey: call.idempotencyKey }),
      ),
    onSuccess: ({ id }) => {
      forgetAttempt(place);
      onSent(id);
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: [environment, "comments"] }),
  });
  const standing = reply.isPending ? "none" : standingOf(place, of);
  return {
    send: () => reply.mutate(),
    isPending: reply.isPending,
    error: reply.error,
    standing,
    formerText: standing === "other" ? (attemptAt<Call>(place)?.call.text ?? null) : null,
  };
}

import { useQueries } from "@tanstack/react-query";
import type { Comment, Environment } from "presswork-client";
import { useMemo } from "react";
import { commentQuery } from "../../comments/queries";
import { type Thread, threadsOf } from "../../comments/threads";
import { useCommentsOfPost } from "../../comments/useCommentsOfPost";

export interface Conversation {
  /** The thread of the comment: all of it that was read, at least the comment and the replies that were just written. */
  readonly own: Thread;
  readonly others: readonly Thread[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly isFetchingMore: boolean;
  readonly fetchMore: () => void;
}

/** Reads what was written below the post of a comment. `sent` are replies of which only the ids are known. */
export function useConversation(environment: Environment, comment: Comment, sent: readonly string[]): Conversation {
  const { rows, ...list } = useCommentsOfPost(environment, comment.scheduledPostId);
  const listed = new Set(rows.map(({ id }) => id));
  const missing = sent.filter((id) => !listed.has(id));
  const added = useQueries({ queries: missing.map((id) => commentQuery(environment, id)) }).flatMap(
    ({ data }) => data ?? [],
  );
  const known = [...rows.map((one) => (one.id === comment.id ? comment : one)), ...added];
  if (!listed.has(comment.id)) known.push(comment);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each render makes the list again, of the same rows
  const threads = useMemo(() => threadsOf(known), [rows, comment, added.length, added.at(-1)]);
  const isOwn = ({ comment: top, replies }: Thread) => [top, ...replies].some(({ id }) => id === comment.id);
  return {
    own: threads.find(isOwn) ?? { comment, replies: [] },
    others: threads.filter((thread) => !isOwn(thread)),
    ...list,
  };
}

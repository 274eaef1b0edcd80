import type { Comment } from "presswork-client";

/** A comment on a post, with all that was written below it, in the order of the list. */
export interface Thread {
  readonly comment: Comment;
  readonly replies: readonly Comment[];
}

/** Returns comments as threads. One whose parent is not among them begins a thread of its own. */
export function threadsOf(comments: readonly Comment[]): readonly Thread[] {
  const byId = new Map(comments.map((comment) => [comment.id, comment]));
  const threads = new Map<string, { readonly comment: Comment; readonly replies: Comment[] }>();
  for (const comment of comments) {
    const top = topOf(comment, byId);
    const thread = threads.get(top.id) ?? { comment: top, replies: [] };
    threads.set(top.id, thread);
    if (comment !== top) thread.replies.push(comment);
  }
  return [...threads.values()];
}

/** Returns the comment at the top of the thread of a comment. */
export function topOf(comment: Comment, byId: ReadonlyMap<string, Comment>): Comment {
  const seen = new Set<string>();
  let top = comment;
  while (top.parentId !== null && !seen.has(top.id)) {
    seen.add(top.id);
    const parent = byId.get(top.parentId);
    if (parent === undefined) break;
    top = parent;
  }
  return top;
}

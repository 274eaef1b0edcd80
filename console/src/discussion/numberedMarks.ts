import type { CommentAnchor, ContentComment } from "presswork-client";

/** A comment about a place in a picture or a moment of a video, with the number that is shown there. */
export interface Mark {
  readonly comment: ContentComment;
  readonly anchor: CommentAnchor;
  readonly number: number;
}

/** Returns the marks of comments, numbered in their order: a number stays with its comment. */
export function marksOf(comments: readonly ContentComment[]): readonly Mark[] {
  return comments
    .flatMap((comment) => (comment.anchor === null ? [] : [{ comment, anchor: comment.anchor }]))
    .map((mark, index) => ({ ...mark, number: index + 1 }));
}

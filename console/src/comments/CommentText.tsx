import type { Comment } from "presswork-client";

/** The text of a comment, or why there is none. */
export function CommentText({ comment }: { readonly comment: Pick<Comment, "text"> }) {
  if (comment.text === null) return <em className="soft">Its text was erased, as the network requires.</em>;
  if (comment.text === "") return <em className="soft">Without a text</em>;
  return comment.text;
}

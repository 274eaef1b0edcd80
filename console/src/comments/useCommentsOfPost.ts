import type { Comment, Environment } from "presswork-client";
import { clientOf } from "../api/client";
import { type Rows, usePages } from "../api/usePages";

const ROWS = 50;

/** Reads the comments of a post, a thread after the other, the oldest first. */
export function useCommentsOfPost(environment: Environment, postId: string): Rows<Comment> {
  return usePages([environment, "comments", "of", postId], () =>
    clientOf(environment).comments.listOfPost({ postId, limit: ROWS }),
  );
}

import type { Environment, ScheduledPost } from "presswork-client";
import { clientOf, serverNow } from "../../api/client";
import type { ActionId } from "./ids";
import type { Job } from "./useRun";

/** Returns the calls that do something with posts. `timeOf` says where a post is moved. */
export function jobsOf(
  environment: Environment,
  action: ActionId,
  posts: readonly ScheduledPost[],
  timeOf: (post: ScheduledPost) => Date,
  confirmNotLive: boolean,
): readonly Job[] {
  const { publishing } = clientOf(environment);
  const move = (post: ScheduledPost, scheduledFor: Date) =>
    publishing.reschedulePost({ postId: post.id, scheduledFor });
  const calls: Readonly<Record<ActionId, (post: ScheduledPost) => PromiseLike<unknown>>> = {
    cancel: ({ id }) => publishing.cancelPost({ postId: id }),
    publish: (post) => move(post, serverNow()),
    move: (post) => move(post, timeOf(post)),
    republish: ({ id }) => publishing.republishPost({ postId: id, ...(confirmNotLive && { confirmNotLive }) }),
  };
  return posts.map((post) => ({
    post,
    call: async () => calls[action](post),
    ...(action === "move" && { undo: async () => move(post, formerTime(post)) }),
  }));
}

/** The time that a post had; now for one that was late. */
function formerTime(post: ScheduledPost): Date {
  return new Date(Math.max(new Date(post.scheduledFor).getTime(), serverNow().getTime()));
}

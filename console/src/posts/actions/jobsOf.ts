import type { Environment, ScheduledPost } from "presswork-client";
import { clientOf, serverNow } from "../../api/client";
import { isNotTakenDown } from "../afterwards";
import type { ActionId } from "./ids";
import type { Job } from "./useRun";

/** What a person has said about an action. */
interface Said {
  /** Where a post is moved. */
  readonly timeOf: (post: ScheduledPost) => Date;
  /** That a post of unknown outcome is not live. */
  readonly confirmNotLive: boolean;
  /** Why posts are taken down. */
  readonly reason: string;
}

/** Returns the calls that do something with posts. */
export function jobsOf(
  environment: Environment,
  action: ActionId,
  posts: readonly ScheduledPost[],
  { timeOf, confirmNotLive, reason }: Said,
): readonly Job[] {
  const { publishing } = clientOf(environment);
  const move = (post: ScheduledPost, scheduledFor: Date) =>
    publishing.reschedulePost({ postId: post.id, scheduledFor });
  const calls: Readonly<Record<ActionId, (post: ScheduledPost) => PromiseLike<unknown>>> = {
    cancel: ({ id }) => publishing.cancelPost({ postId: id }),
    publish: (post) => move(post, serverNow()),
    move: (post) => move(post, timeOf(post)),
    republish: ({ id }) => publishing.republishPost({ postId: id, ...(confirmNotLive && { confirmNotLive }) }),
    takeDown: async ({ id }) => {
      const { liveStatus } = await publishing.takeDownPost({ postId: id, ...(reason && { reason }) });
      if (isNotTakenDown(liveStatus)) throw new Error("It could not be taken down. Its page says what to do.");
    },
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

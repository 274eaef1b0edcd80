import { WaitTimeoutError } from "./errors.js";
import type { ScheduledPost } from "./generated/models.js";
import { PublishingCalls } from "./generated/publishing.js";
import { pause } from "./pause.js";

/** States that a post stays in. */
const OVER: ReadonlySet<string> = new Set(["published", "draft", "failed", "canceled"]);
const FIRST_WAIT_SECONDS = 0.25;
const LONGEST_WAIT_SECONDS = 5;

export interface WaitOptions {
  /** 300 if nothing is said. */
  readonly timeoutSeconds?: number | undefined;
  /** Called with the post whenever its status is another. */
  readonly onChange?: ((post: ScheduledPost) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Send content to accounts, now or later, and watch it go live. */
export class Publishing extends PublishingCalls {
  /**
   * Returns a post once it is over: published, draft, failed or canceled. Look at its `status`.
   *
   * Throws a WaitTimeoutError when it takes longer than `timeoutSeconds`; the post itself goes on.
   */
  async wait(postId: string, options: WaitOptions = {}): Promise<ScheduledPost> {
    const { timeoutSeconds = 300, onChange = () => undefined, signal } = options;
    const until = performance.now() + timeoutSeconds * 1000;
    let seen: string | undefined;
    for (let wait = FIRST_WAIT_SECONDS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_SECONDS)) {
      const post = await this.getPost({ postId }, { signal });
      if (post.status !== seen) onChange(post);
      if (OVER.has(post.status)) return post;
      seen = post.status;
      if (performance.now() + wait * 1000 > until) break;
      await pause(wait, signal);
    }
    throw new WaitTimeoutError(
      `${postId} is still ${seen} after ${timeoutSeconds} seconds. It goes on by itself; its timeline tells what it waits for.`,
    );
  }
}

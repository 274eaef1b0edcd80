import { WaitTimeoutError } from "./errors.js";
import type { ScheduledPost } from "./generated/models.js";
import { PublishingCalls } from "./generated/publishing.js";
import { pause } from "./pause.js";

/** The final states of a post. */
const TERMINAL: ReadonlySet<string> = new Set(["published", "draft", "failed", "canceled"]);
const FIRST_WAIT_SECONDS = 0.25;
const LONGEST_WAIT_SECONDS = 5;

export interface WaitOptions {
  /** The default is 300. */
  readonly timeoutSeconds?: number | undefined;
  /** Called with the post whenever its status has changed. */
  readonly onChange?: ((post: ScheduledPost) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Publish and schedule content, and follow its posts. */
export class Publishing extends PublishingCalls {
  /**
   * Polls a post until it is published, draft, failed or canceled, and returns it. Check its `status`.
   *
   * Throws a WaitTimeoutError after `timeoutSeconds`; the post is still processed.
   */
  async wait(postId: string, options: WaitOptions = {}): Promise<ScheduledPost> {
    const { timeoutSeconds = 300, onChange = () => undefined, signal } = options;
    const until = performance.now() + timeoutSeconds * 1000;
    let seen: string | undefined;
    for (let wait = FIRST_WAIT_SECONDS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_SECONDS)) {
      const post = await this.getPost({ postId }, { signal });
      if (post.status !== seen) onChange(post);
      if (TERMINAL.has(post.status)) return post;
      seen = post.status;
      if (performance.now() + wait * 1000 > until) break;
      await pause(wait, signal);
    }
    throw new WaitTimeoutError(
      `${postId} is still ${seen} after ${timeoutSeconds} seconds. Processing continues; the post's timeline shows what it is waiting for.`,
    );
  }
}

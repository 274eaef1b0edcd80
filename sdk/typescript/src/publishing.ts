import { checkedId, checkedTimeout, kindOf, paramsOf, toJson } from "./arguments.js";
import { type RequestOptions, repeatable } from "./calls.js";
import { Content, type UploadFilesParams } from "./content.js";
import { InvalidArgumentError, WaitTimeoutError } from "./errors.js";
import type { FileSource } from "./files.js";
import type { Content as ContentModel, Environment, Mode, PublishResult, ScheduleResult, ScheduledPost } from "./generated/models.js";
import type { LinkRequestParam, PublishingSearchPostsParams, TargetParam } from "./generated/params.js";
import { PublishingCalls } from "./generated/publishing.js";
import { pause } from "./pause.js";

/** The final states of a post. */
const TERMINAL: ReadonlySet<string> = new Set(["published", "draft", "failed", "canceled"]);
/** The number of posts that one list call reads. */
const PAGE_LIMIT = 100;
const FIRST_WAIT_SECONDS = 0.25;
const LONGEST_WAIT_SECONDS = 5;

export interface WaitOptions {
  /** For all posts; the default is 300. `Infinity` is no limit. */
  readonly timeoutSeconds?: number | undefined;
  /** Called with a post whenever its status has changed. */
  readonly onChange?: ((post: ScheduledPost) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PublishParams {
  /** 1–50 targets, all or nothing. */
  readonly targets: readonly TargetParam[];
  /** When to publish; the default is now. */
  readonly scheduledFor?: Date | string | null | undefined;
  /** Refuse the call if a target is known to fail; by default it is accepted with a warning. */
  readonly strict?: boolean | undefined;
  /** Whether to wait until each post is published, draft, failed or canceled. */
  readonly wait?: boolean | undefined;
  /** How long to wait for the posts; the default is 300. */
  readonly waitSeconds?: number | undefined;
  /** Called with a post whenever its status has changed, while waiting. */
  readonly onChange?: ((post: ScheduledPost) => void) | undefined;
}

export interface PublishFilesParams extends UploadFilesParams, PublishParams {}

export interface PublishTextParams extends PublishParams {
  readonly projectId: string;
  /** A URL, or the URL with what its card shows. What is omitted of the card is read from the page. */
  readonly link?: string | LinkRequestParam | null | undefined;
  readonly firstComment?: string | null | undefined;
}

/** What publishFiles or publishText did. */
export interface Publication {
  /** The new content; its `warnings` say what could not be done, such as reading the page of a link. */
  readonly content: ContentModel;
  /** The response of the publish or schedule call. */
  readonly answer: PublishResult | ScheduleResult;
  /** The ids of the posts, in the order of the targets; empty while the content waits for approval. */
  readonly scheduledPostIds: readonly string[];
  /** The finished posts in the order of the targets; empty if the call did not wait. */
  readonly posts: readonly ScheduledPost[];
  /** Repeat the call with it, and nothing is published twice. */
  readonly idempotencyKey: string;
}

/** Returns a target: `accounts.map((account) => target(account.socialAccountId, "publish"))`. */
export function target(
  socialAccountId: string,
  mode: Mode,
  options: Omit<TargetParam, "socialAccountId" | "mode"> = {},
): TargetParam {
  return { ...options, socialAccountId, mode };
}

export interface ExportPostsParams extends Omit<PublishingSearchPostsParams, "limit"> {
  readonly format: "csv" | "jsonl";
  /** The environment of a session; that of a key is known. */
  readonly environment?: Environment | undefined;
}

/** Publish and schedule content, and follow its posts. */
export class Publishing extends PublishingCalls {
  /**
   * Returns the response with one file of all posts that match, with their outcomes: read its `body` as it arrives, or its `blob()`.
   * The filters are those of searchPosts. The body fails if it is cut off.
   */
  exportPosts(params: ExportPostsParams, options: RequestOptions = {}): Promise<Response> {
    const call = { method: "GET", path: "/v1/scheduled-posts/export" };
    return this._transport.download(call, { query: { ...params } }, options);
  }

  /**
   * Uploads files and publishes them to all targets, now or at a given time.
   *
   * All steps use one idempotency key. If an error interrupts the call, repeat it with the `idempotencyKey` of the error:
   * it continues where it stopped, and nothing is published twice. A key is kept for 24 hours.
   */
  async publishFiles(
    files: FileSource | Iterable<FileSource>,
    params: PublishFilesParams,
    options: RequestOptions = {},
  ): Promise<Publication> {
    const { targets, scheduledFor, strict, wait, waitSeconds, onChange, ...upload } = paramsOf(params);
    const publish = { targets, scheduledFor, strict, wait, waitSeconds, onChange };
    return this.#publish(publish, options, (keyed) => new Content(this._transport).uploadFiles(files, upload, keyed));
  }

  /**
   * Publishes a text, a link or both to all targets, now or at a given time. The text may be empty if there is a link.
   *
   * It uses one idempotency key as publishFiles does, and can be repeated like it.
   */
  async publishText(text: string, params: PublishTextParams, options: RequestOptions = {}): Promise<Publication> {
    const { targets, scheduledFor, strict, wait, waitSeconds, onChange, link, ...content } = paramsOf(params);
    const publish = { targets, scheduledFor, strict, wait, waitSeconds, onChange };
    const sent = { ...content, text, link: typeof link === "string" ? { url: link } : link };
    return this.#publish(publish, options, (keyed) => new Content(this._transport).create(sent, keyed));
  }

  async #publish(
    { targets, scheduledFor, strict, wait = false, waitSeconds, onChange }: PublishParams,
    options: RequestOptions,
    create: (keyed: RequestOptions) => PromiseLike<ContentModel>,
  ): Promise<Publication> {
    if (!Array.isArray(targets)) {
      throw new InvalidArgumentError(`targets is ${kindOf(targets)}. Pass an array of targets: [target(socialAccountId, mode)].`);
    }
    if (targets.length === 0) throw new InvalidArgumentError("There are no targets. Pass at least one account to publish to.");
    toJson(targets, "targets");
    toJson(scheduledFor, "scheduledFor");
    return repeatable(options, async (keyed) => {
      const content = await create(keyed);
      const sent = { containerId: content.id, targets, strict };
      const isNow = scheduledFor === undefined || scheduledFor === null; // "" is no time, and refused
      const answer = isNow
        ? await this.publishNow(sent, keyed)
        : await this.schedule({ ...sent, scheduledFor }, keyed);
      const { scheduledPostIds } = answer;
      const waiting = { timeoutSeconds: waitSeconds, onChange, signal: options.signal };
      const posts = wait ? await this.waitAll(scheduledPostIds, waiting) : [];
      return { content, answer, scheduledPostIds, posts, idempotencyKey: keyed.idempotencyKey };
    });
  }

  /**
   * Polls a post until it is published, draft, failed or canceled, and returns it. Check its `status`.
   *
   * Throws a WaitTimeoutError after `timeoutSeconds`; the post is still processed.
   */
  async wait(postId: string, options: WaitOptions = {}): Promise<ScheduledPost> {
    const [post] = await this.waitAll([postId], options);
    return post!;
  }

  /**
   * Polls posts until each is published, draft, failed or canceled, and returns them in the order of their ids.
   *
   * Posts of one container are read together, so that 50 targets cost no more calls than one. Throws a WaitTimeoutError
   * after `timeoutSeconds` for all of them; its `posts` and `pendingIds` show how far they are, and they are still
   * processed.
   */
  async waitAll(postIds: Iterable<string>, options: WaitOptions = {}): Promise<ScheduledPost[]> {
    const { timeoutSeconds = 300, onChange = () => undefined, signal } = paramsOf(options);
    if (typeof postIds === "string" || !(Symbol.iterator in Object(postIds))) {
      throw new InvalidArgumentError(`postIds is ${kindOf(postIds)}. Pass an array of ids, such as answer.scheduledPostIds.`);
    }
    const ids = [...postIds].map((postId, index) => checkedId(`postIds[${index}]`, postId));
    const until = performance.now() + (checkedTimeout(timeoutSeconds) ?? Infinity);
    const found = new Map<string, ScheduledPost>();
    for (let wait = FIRST_WAIT_SECONDS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_SECONDS)) {
      await this.#readPending(ids, found, onChange, signal);
      const posts = ids.map((postId) => found.get(keyOf(postId))!);
      const pending = ids.filter((_, index) => !TERMINAL.has(posts[index]!.status));
      if (pending.length === 0) return posts;
      const left = (until - performance.now()) / 1000;
      if (left <= 0) throw waitTimeout(posts, pending, found, timeoutSeconds);
      await pause(Math.min(wait, left), signal);
    }
  }

  /** Reads every post that is not finished, once; those of one container by one list call. */
  async #readPending(
    ids: readonly string[],
    found: Map<string, ScheduledPost>,
    onChange: (post: ScheduledPost) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const isPending = (key: string): boolean => !TERMINAL.has(found.get(key)?.status ?? "");
    const todo = new Map(ids.map((postId) => [keyOf(postId), postId] as const).filter(([key]) => isPending(key)));
    const keep = (post: ScheduledPost): void => {
      const key = keyOf(post.id);
      if (!todo.delete(key)) return;
      const before = found.get(key);
      found.set(key, post);
      if (before?.status !== post.status) onChange(post);
    };
    for (const [key, postId] of todo) {
      if (!found.has(key)) keep(await this.getPost({ postId }, { signal }));
      const known = found.get(key)!;
      const isShared = [...todo.keys()].some(
        (other) => other !== key && (found.get(other)?.containerId ?? known.containerId) === known.containerId,
      );
      if (isShared) {
        const { projectId, containerId } = known;
        const page = await this.listPosts({ projectId, containerId, limit: PAGE_LIMIT }, { signal });
        page.items.forEach(keep);
      }
      if (todo.has(key)) keep(await this.getPost({ postId }, { signal }));
    }
  }
}

/** What identifies a post: its id without the prefix, which is optional in arguments. */
function keyOf(postId: string): string {
  return postId.slice(postId.lastIndexOf("_") + 1).toLowerCase();
}

function waitTimeout(
  posts: readonly ScheduledPost[],
  pending: readonly string[],
  found: ReadonlyMap<string, ScheduledPost>,
  timeoutSeconds: number,
): WaitTimeoutError {
  const shown = pending.slice(0, 3).map((postId) => `${postId} (${found.get(keyOf(postId))?.status})`);
  const more = pending.length > shown.length ? ` and ${pending.length - shown.length} more` : "";
  return new WaitTimeoutError(
    `${shown.join(", ")}${more} ${pending.length === 1 ? "is" : "are"} not finished after ${timeoutSeconds} seconds. Processing continues; the timeline of a post shows what it is waiting for.`,
    posts,
    pending,
  );
}

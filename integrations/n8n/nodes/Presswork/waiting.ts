import { type IDataObject, type IExecuteFunctions, NodeOperationError, sleep } from "n8n-workflow";
import { call, listAll } from "./api";

const OVER: ReadonlySet<unknown> = new Set(["published", "draft", "failed", "canceled"]);
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

export interface WaitOptions {
  readonly timeoutSeconds: number;
  /** Whether a time-out is an error; else the posts are returned as they are. */
  readonly isTimeoutAnError: boolean;
  readonly itemIndex: number;
}

/** Polls posts until each is published, draft, failed or canceled, and returns them in the order of their ids. */
export async function waitForPosts(
  context: IExecuteFunctions,
  postIds: readonly string[],
  { timeoutSeconds, isTimeoutAnError, itemIndex }: WaitOptions,
): Promise<IDataObject[]> {
  const until = Date.now() + timeoutSeconds * 1000;
  const found = new Map<string, IDataObject>();
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS)) {
    await readPending(context, postIds, found, itemIndex);
    const pending = postIds.filter((id) => !OVER.has(found.get(id)?.status));
    const leftMs = until - Date.now();
    if (pending.length > 0 && leftMs <= 0 && isTimeoutAnError) {
      const shown = pending.slice(0, 3).map((id) => `${id} (${found.get(id)?.status})`);
      throw new NodeOperationError(
        context.getNode(),
        `${pending.length} of ${postIds.length} posts are not over after ${timeoutSeconds} seconds`,
        {
          description: `Presswork continues with them: ${shown.join(", ")}. Wait longer, or read them later.`,
          itemIndex,
        },
      );
    }
    if (pending.length === 0 || leftMs <= 0) return postIds.map((id) => found.get(id)!);
    if (context.getExecutionCancelSignal()?.aborted) {
      throw new NodeOperationError(context.getNode(), "The execution was canceled", { itemIndex });
    }
    await sleep(Math.min(waitMs, leftMs));
  }
}

/** Reads every post that is not over; those of one container by one list call, so that 50 posts cost few calls. */
async function readPending(
  context: IExecuteFunctions,
  postIds: readonly string[],
  found: Map<string, IDataObject>,
  itemIndex: number,
): Promise<void> {
  const todo = new Set(postIds.filter((id) => !OVER.has(found.get(id)?.status)));
  for (const id of todo) {
    let known = found.get(id);
    if (known === undefined) {
      known = await call(context, { method: "GET", path: `/v1/scheduled-posts/${encodeURIComponent(id)}`, itemIndex });
      found.set(id, known);
      todo.delete(id);
    }
    const { projectId, containerId } = known;
    const others = [...todo].filter((other) => (found.get(other)?.containerId ?? containerId) === containerId);
    if (others.length > 1) {
      const path = `/v1/projects/${projectId}/scheduled-posts`;
      for (const post of await listAll(context, { method: "GET", path, query: { containerId }, itemIndex }, 1000)) {
        if (todo.delete(post.id as string)) found.set(post.id as string, post);
      }
    }
    if (todo.delete(id)) {
      found.set(id, await call(context, { method: "GET", path: `/v1/scheduled-posts/${encodeURIComponent(id)}`, itemIndex }));
    }
  }
}

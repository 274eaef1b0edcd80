import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type ApprovedContent, ConflictError, type Content, type Environment } from "presswork-client";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { personText } from "../../api/personText";
import { toast, toastError } from "../../ui/toasts";

export type DecisionKind = "approve" | "reject" | "changes";

/** A decision on the revision that the person has seen. */
export interface Decision {
  readonly kind: DecisionKind;
  readonly content: Pick<Content, "id" | "revision">;
  readonly note: string;
  /** Whether what waits for an approval is due already, and goes out right after it. */
  readonly isDue: boolean;
}

/** What was done, and where what goes out now can be seen. */
interface Done {
  readonly text: string;
  readonly out?: { readonly containerId: string; readonly postIds: readonly string[] };
}

/** Returns the call that decides on content. It says what was done; a stale revision is read again. */
export function useDecide(environment: Environment) {
  const queries = useQueryClient();
  const router = useRouter();
  const { approval } = clientOf(environment);
  /** Opens what goes out: a single post, or the content with all of its posts. */
  const show = ({ containerId, postIds: [postId, ...others] }: NonNullable<Done["out"]>) =>
    postId !== undefined && others.length === 0
      ? void router.navigate({ to: "/$environment/posts/$postId", params: { environment, postId } })
      : void router.navigate({ to: "/$environment/content/$containerId", params: { environment, containerId } });
  return useMutation({
    mutationFn: async ({ kind, content: { id: containerId, revision }, note, isDue }: Decision): Promise<Done> => {
      if (kind === "changes") {
        await approval.requestChanges({ containerId, note, revision });
        return { text: "Changes requested. It waits for its author." };
      }
      if (kind === "reject") {
        const { droppedScheduleCalls: dropped } = await approval.reject({ containerId, reason: note, revision });
        return {
          text: dropped === 0 ? "Rejected." : `Rejected. ${counted(dropped, "plan was", "plans were")} dropped.`,
        };
      }
      const approved = await approval.approve({ containerId, revision, ...(note !== "" && { note }) });
      return approvedText(approved, isDue);
    },
    onSuccess: ({ text, out }) => toast(text, out && { label: "See it", run: () => show(out) }),
    onError: (error) => {
      if (!isStale(error)) toastError(messageOf(error));
    },
    onSettled: () => refresh(queries, environment),
  });
}

/** What became of a bulk approval. */
interface BulkResult {
  readonly approved: number;
  readonly failures: readonly string[];
}

/** Several approvals, each of the revision that the person has seen. Once `signal` is aborted, no further one is sent. */
interface Approvals {
  readonly contents: readonly Pick<Content, "id" | "revision" | "caption">[];
  readonly signal: AbortSignal;
}

/** Returns the call that approves several, one after the other. What can't be approved stays, and is named. */
export function useApproveAll(environment: Environment) {
  const queries = useQueryClient();
  const { approval } = clientOf(environment);
  return useMutation({
    mutationFn: async ({ contents, signal }: Approvals): Promise<BulkResult> => {
      const failures: string[] = [];
      let approved = 0;
      for (const { id: containerId, revision, caption } of contents) {
        if (signal.aborted) break;
        try {
          await approval.approve({ containerId, revision });
          approved += 1;
        } catch (error) {
          failures.push(
            `“${caption.slice(0, 40)}”: ${isStale(error) ? "it was changed while you looked" : messageOf(error)}`,
          );
        }
      }
      return { approved, failures };
    },
    onSuccess: ({ approved, failures }, { contents }) => {
      const isStopped = approved + failures.length < contents.length;
      if (isStopped) toast(`Stopped: ${approved} of ${counted(contents.length, "item", "items")} approved.`);
      else if (approved > 0) toast(`${counted(approved, "item", "items")} approved.`);
      for (const failure of failures) toastError(`Not approved: ${failure}`);
    },
    onSettled: () => refresh(queries, environment),
  });
}

/** Reads again what a decision changes. Nothing waits for it: the next item is shown at once. */
function refresh(queries: ReturnType<typeof useQueryClient>, environment: Environment): void {
  for (const part of ["content", "posts"]) void queries.invalidateQueries({ queryKey: [environment, part] });
}

/** Whether a decision was refused because the content was edited meanwhile. */
export function isStale(error: unknown): boolean {
  return error instanceof ConflictError && error.details["reason"] === "stale_revision";
}

/** "1 post", "3 posts". */
export function counted(number: number, one: string, several: string): string {
  return `${number} ${number === 1 ? one : several}`;
}

function approvedText({ id, currentStep, pendingSchedulePromotion: promotion }: ApprovedContent, isDue: boolean): Done {
  if (currentStep) return { text: `Approved. It waits for the step “${currentStep}” now.` };
  if (!promotion) return { text: "Approved." };
  const made = promotion.scheduledPostIds;
  const failed = promotion.calls.filter((call) => call.error).length;
  const reason = personText(promotion.error?.message ?? "") ?? "";
  if (failed > 0) {
    const posts = made.length === 0 ? "" : ` ${counted(made.length, "post is", "posts are")} scheduled.`;
    return { text: `Approved.${posts} Not all of it could be scheduled: ${reason} Schedule it again.` };
  }
  if (made.length === 0) return { text: "Approved." };
  if (!isDue) return { text: `Approved. ${counted(made.length, "post is", "posts are")} scheduled.` };
  return {
    text: `Approved. Going out now on ${counted(made.length, "account", "accounts")}.`,
    out: { containerId: id, postIds: made },
  };
}

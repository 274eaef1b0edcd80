import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Content, Environment, TargetParam } from "presswork-client";
import { useMemo, useRef } from "react";
import { forgetAttempt, type Standing, sendAttempt, standingOf } from "../../api/attempt";
import { clientOf, randomKey, serverNow } from "../../api/client";
import { messageOf } from "../../api/errors";
import { contentQuery } from "../../posts/queries";
import { toastError } from "../../ui/toasts";
import { type Call, creationOf, targetsOf, textChange, whenOf } from "./call";
import type { Draft } from "./draft";
import { type Finding, findingsOfError } from "./findings";
import { type Intention, instantOf, labelOf } from "./intention";
import { savedTexts } from "./useSavedContent";

/** What became of the call. */
export interface Outcome {
  readonly containerId: string;
  readonly postIds: readonly string[];
  readonly isInReview: boolean;
}

/** Returns what the button would send for content that exists, or for that of a draft without files, which it creates. */
export function callOf(draft: Draft, content: Content | null, intention: Intention, idempotencyKey: string): Call {
  const saved = content === null ? null : savedTexts(content);
  // What waits for approval gets the time of the slot: it takes the slot of a queue only by itself.
  const queue = intention === "review" && draft.queue?.slotAt ? null : draft.queue;
  const chosenAt = draft.queue?.slotAt ?? instantOf(draft);
  return {
    creation: saved === null ? creationOf(draft) : null,
    containerId: content?.id ?? "",
    change: saved === null ? null : textChange(draft, saved),
    targets: targetsOf(draft, draft.isOwn ? null : saved),
    scheduledFor: intention === "publish" || queue !== null ? null : (chosenAt ?? serverNow().toISOString()),
    queue,
    idempotencyKey,
  };
}

/** Two drafts with the same fingerprint make the same call. The server knows a person's idempotency keys apart from another's. */
function fingerprintOf(userId: string, draft: Draft): string {
  const { containerId, caption, parts, firstComment, link, targets, laterAt, queue, files } = draft;
  const altTexts = files.map(({ altText }) => altText);
  return JSON.stringify([userId, containerId, caption, parts, firstComment, link, targets, laterAt, queue, altTexts]);
}

/**
 * Makes the call. The same draft is sent again under the same idempotency key, also after a reload, so that it is posted once.
 * `standing` says what may have become of an earlier attempt.
 */
export function useSubmit(
  environment: Environment,
  userId: string,
  draft: Draft,
  intention: Intention,
  finalize: () => Promise<Content>,
  onDone: (outcome: Outcome) => void,
) {
  const queries = useQueryClient();
  const place = `compose-${environment}`;
  const sent = useRef<{ readonly of: string; readonly targets: readonly TargetParam[] } | null>(null);
  const fingerprint = fingerprintOf(userId, draft);
  const submit = useMutation({
    mutationFn: async (): Promise<Outcome> => {
      sent.current = { of: fingerprint, targets: [] };
      const container = await finalize();
      if (draft.targets.length === 0) {
        return { containerId: container.id, postIds: [], isInReview: container.approvalStatus === "pending" };
      }
      const isCreated = draft.containerId === null; // with this link
      const saved = isCreated ? { ...draft, containerId: container.id, savedLink: draft.link } : draft;
      const of = fingerprintOf(userId, saved);
      const make = async () => callOf(saved, container, intention, randomKey());
      return sendAttempt(place, of, make, (call) => {
        sent.current = { of, targets: call.targets };
        return send(environment, call, (changed) =>
          queries.setQueryData(contentQuery(environment, changed.id).queryKey, changed),
        );
      });
    },
    onSuccess: (outcome) => {
      void queries.invalidateQueries({ queryKey: [environment, "posts"] });
      void queries.invalidateQueries({ queryKey: [environment, "content"] });
      onDone(outcome);
    },
  });
  const { error, isPending } = submit;
  const standing = isPending ? "none" : standingOf(place, fingerprint);
  const findings = useMemo((): readonly Finding[] => {
    const open = openFinding(standing, labelOf(intention, draft));
    // What was refused is shown until something else is written.
    if (error === null || sent.current?.of !== fingerprint) return open;
    return [...findingsOfError(error, draft, sent.current.targets), ...open];
  }, [error, draft, fingerprint, standing, intention]);
  // It is forgotten by the form that shows what became of it: one that was left finds it again.
  const press = () => submit.mutate(undefined, { onSuccess: () => forgetAttempt(place) });
  return { submit: press, isPending, isError: error !== null, standing, findings };
}

/** Completes the content with its texts, and returns the call that would send it. */
export async function prepareCall(
  environment: Environment,
  draft: Draft,
  finalize: () => Promise<Content>,
  onChanged: (content: Content) => void,
): Promise<{ readonly container: Content; readonly call: Call }> {
  const container = await finalize();
  const isCreated = draft.containerId === null; // with this link
  const saved = isCreated ? { ...draft, containerId: container.id, savedLink: draft.link } : draft;
  const call = callOf(saved, container, "schedule", randomKey());
  await saveTexts(environment, call, onChanged);
  return { container, call };
}

async function send(environment: Environment, call: Call, onChanged: (content: Content) => void): Promise<Outcome> {
  const { containerId, targets, idempotencyKey } = call;
  const { publishing } = clientOf(environment);
  await saveTexts(environment, call, onChanged);
  const when = whenOf(call);
  if (Object.keys(when).length === 0) {
    const answer = await publishing.publishNow({ containerId, targets }, { idempotencyKey });
    return { containerId, postIds: answer.scheduledPostIds, isInReview: false };
  }
  const answer = await publishing.schedule({ containerId, targets, ...when }, { idempotencyKey });
  const isInReview = answer.gateStatus === "blocked_on_approval";
  const slotAt = call.queue?.slotAt ?? null;
  if (slotAt !== null && !isInReview && answer.scheduledFor !== slotAt) {
    await takeSlot(environment, answer.scheduledPostIds, slotAt);
  }
  return { containerId, postIds: answer.scheduledPostIds, isInReview };
}

/** Moves posts that are in the queue into the slot that was chosen. Where it is taken meanwhile, they stay in the queue. */
async function takeSlot(environment: Environment, postIds: readonly string[], slotAt: string): Promise<void> {
  const { publishing } = clientOf(environment);
  try {
    for (const postId of postIds) await publishing.movePost({ postId, slotAt });
  } catch (error) {
    toastError(`It is in the queue, at another time than you chose. ${messageOf(error)}`);
  }
}

/** Saves the texts that the content does not have yet. */
export async function saveTexts(
  environment: Environment,
  { containerId, change, idempotencyKey }: Pick<Call, "containerId" | "change" | "idempotencyKey">,
  onChanged: (content: Content) => void,
): Promise<void> {
  if (change === null) return;
  const { content } = clientOf(environment);
  onChanged(await content.update({ containerId, ...change }, { idempotencyKey: `${idempotencyKey}-texts` }));
}

/** Returns what a person has to know about an attempt whose success was not seen. */
function openFinding(standing: Standing, label: string): readonly Finding[] {
  if (standing === "none") return [];
  const message =
    standing === "same"
      ? `It is not known whether this was sent. Press “${label}” again: nothing is posted twice.`
      : "It is not known whether your last post was sent. Look in the queue before you send this one.";
  return [{ isError: false, message, field: "call", accounts: [] }];
}

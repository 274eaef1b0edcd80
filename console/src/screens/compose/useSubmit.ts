import { useMutation, useQueryClient } from "@tanstack/react-query";
import { APIStatusError, type Content, type Environment, type TargetParam } from "presswork-client";
import { useMemo, useRef } from "react";
import { clientOf, randomKey, serverNow } from "../../api/client";
import { contentQuery } from "../../posts/queries";
import { type Call, targetsOf, textChange } from "./call";
import type { Draft } from "./draft";
import { type Finding, findingsOfError } from "./findings";
import { type Intention, instantOf } from "./intention";
import { savedTexts } from "./useSavedContent";

/** What became of the call. */
export interface Outcome {
  readonly containerId: string;
  readonly postIds: readonly string[];
  readonly isInReview: boolean;
}

/** Returns what the button would send for content that exists. */
export function callOf(draft: Draft, content: Content, intention: Intention, idempotencyKey: string): Call {
  const saved = savedTexts(content);
  return {
    containerId: content.id,
    change: textChange(draft, saved),
    targets: targetsOf(draft, draft.isOwn ? null : saved),
    scheduledFor: intention === "publish" ? null : (instantOf(draft) ?? serverNow().toISOString()),
    idempotencyKey,
  };
}

/** Two drafts with the same fingerprint make the same call. */
function fingerprintOf({ containerId, caption, firstComment, targets, laterAt, files }: Draft): string {
  return JSON.stringify([containerId, caption, firstComment, targets, laterAt, files.map(({ altText }) => altText)]);
}

/** Makes the call. The same draft is sent again under the same idempotency key, so that it is posted once. */
export function useSubmit(
  environment: Environment,
  draft: Draft,
  intention: Intention,
  finalize: () => Promise<Content>,
  onDone: (outcome: Outcome) => void,
) {
  const queries = useQueryClient();
  const attempt = useRef<{ readonly of: string; readonly call: Call } | null>(null);
  const sent = useRef<{ readonly of: string; readonly targets: readonly TargetParam[] } | null>(null);
  const fingerprint = fingerprintOf(draft);
  const submit = useMutation({
    mutationFn: async (): Promise<Outcome> => {
      const { content, publishing } = clientOf(environment);
      sent.current = { of: fingerprint, targets: [] };
      const container = await finalize();
      if (draft.targets.length === 0) {
        return { containerId: container.id, postIds: [], isInReview: container.approvalStatus === "pending" };
      }
      if (attempt.current?.of !== fingerprint) {
        attempt.current = { of: fingerprint, call: callOf(draft, container, intention, randomKey()) };
      }
      const { call } = attempt.current;
      sent.current = { of: fingerprint, targets: call.targets };
      const { containerId, targets, idempotencyKey } = call;
      if (call.change !== null) {
        const changed = await content.update(
          { containerId, ...call.change },
          { idempotencyKey: `${idempotencyKey}-texts` },
        );
        queries.setQueryData(contentQuery(environment, containerId).queryKey, changed);
      }
      if (call.scheduledFor === null) {
        const answer = await publishing.publishNow({ containerId, targets }, { idempotencyKey });
        return { containerId, postIds: answer.scheduledPostIds, isInReview: false };
      }
      const answer = await publishing.schedule(
        { containerId, targets, scheduledFor: call.scheduledFor },
        { idempotencyKey },
      );
      const isInReview = answer.gateStatus === "blocked_on_approval";
      return { containerId, postIds: answer.scheduledPostIds, isInReview };
    },
    onError: (error) => {
      // A refusal did nothing. Without an answer, the same call is sent again, under its key.
      if (error instanceof APIStatusError) attempt.current = null;
    },
    onSuccess: (outcome) => {
      void queries.invalidateQueries({ queryKey: [environment, "posts"] });
      void queries.invalidateQueries({ queryKey: [environment, "content"] });
      onDone(outcome);
    },
  });
  const { error } = submit;
  const findings = useMemo((): readonly Finding[] => {
    // What was refused is shown until something else is written.
    if (error === null || sent.current?.of !== fingerprint) return [];
    return findingsOfError(error, draft, sent.current.targets);
  }, [error, draft, fingerprint]);
  return { submit, findings };
}

import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ContentReviewPolicy, Environment } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import {
  isSame,
  reminderParam,
  stepParams,
  type TypedReminder,
  type TypedStep,
  typedReminder,
  typedSteps,
} from "./steps";

/** What a person chose; what is left out is as it is stored. */
type Edits = Partial<
  Pick<ContentReviewPolicy, "policy" | "covers"> & {
    readonly firstN: string;
    readonly steps: readonly TypedStep[];
    readonly reminder: TypedReminder;
  }
>;

const USUAL_COUNT = "3";

/** The policy of a project. Events about content refresh it, for its count. */
function policyQuery(environment: Environment, projectId: string) {
  return queryOptions({
    queryKey: [environment, "content", "policy", projectId],
    queryFn: () => clientOf(environment).approval.getPolicy({ projectId }),
  });
}

/** The review policy of a project as it is stored, with what a person changed of it. */
export function usePolicyForm(environment: Environment, projectId: string) {
  const queries = useQueryClient();
  const query = useQuery(policyQuery(environment, projectId));
  const [edits, setEdits] = useState<Edits>({});
  const stored = query.data;
  const shown = stored && {
    policy: edits.policy ?? stored.policy,
    covers: edits.covers ?? stored.covers,
    firstN: edits.firstN ?? String(stored.firstN ?? USUAL_COUNT),
    steps: edits.steps ?? typedSteps(stored),
    reminder: edits.reminder ?? typedReminder(stored),
  };
  const isCounted = shown?.policy === "review_first_n";
  const save = useMutation({
    mutationFn: async (_sent: Edits) => {
      if (shown === undefined) throw new Error("The policy was not read yet.");
      const { policy, covers, firstN, steps, reminder } = shown;
      return clientOf(environment).approval.updatePolicy({
        projectId,
        policy,
        covers,
        ...(isCounted && { firstN: Number(firstN) }),
        steps: stepParams(steps),
        reminder: reminderParam(reminder),
      });
    },
    onSuccess: (saved, sent) => {
      queries.setQueryData(policyQuery(environment, projectId).queryKey, saved);
      setEdits((now) => (now === sent ? {} : now)); // what was chosen meanwhile is the next change
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "projects"] }),
  });
  const isChanged =
    stored !== undefined &&
    shown !== undefined &&
    (shown.policy !== stored.policy ||
      shown.covers !== stored.covers ||
      !isSame(stepParams(shown.steps), stepParams(typedSteps(stored))) ||
      !isSame(reminderParam(shown.reminder), reminderParam(typedReminder(stored))) ||
      (isCounted && shown.firstN !== String(stored.firstN)));
  return {
    query,
    shown,
    isCounted,
    pendingCount: stored?.pendingCount ?? 0,
    set: (change: Edits) => setEdits((now) => ({ ...now, ...change })),
    isChanged,
    issues: issuesOf(save.error),
    error: save.error,
    isPending: save.isPending,
    save: () => save.mutateAsync(edits),
    discard: () => {
      save.reset();
      setEdits({});
    },
  };
}

export type PolicyFormState = ReturnType<typeof usePolicyForm>;

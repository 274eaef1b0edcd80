import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ContentReviewPolicy, Covers, Environment, Project, ReviewPolicy } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { countOf } from "../../posts/queuedCount";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Loaded } from "../../ui/Loaded";
import { type Choice, Select } from "../../ui/Select";
import { SkeletonRows } from "../../ui/Skeleton";
import { TextField } from "../../ui/TextField";
import { toast } from "../../ui/toasts";

const POLICIES: readonly Choice<ReviewPolicy>[] = [
  { id: "auto_approve", label: "No review", description: "New content can be published at once" },
  { id: "review_all", label: "Review all", description: "New content waits until it is approved" },
  {
    id: "review_first_n",
    label: "Review the first ones",
    description: "New content waits until a number of decisions; after that, it is approved",
  },
];
const COVERS: readonly Choice<Covers>[] = [
  { id: "content", label: "The content", description: "Texts may be edited and overridden after the approval" },
  {
    id: "content_and_text",
    label: "The content and its text",
    description: "Only what was approved goes out; an edit needs a new approval",
  },
];

interface ReviewPolicyFormProps {
  readonly environment: Environment;
  readonly project: Project;
  readonly isReadOnly: boolean;
}

/** Which new content of a project needs an approval, and what an approval covers. */
export function ReviewPolicyForm({ environment, project, isReadOnly }: ReviewPolicyFormProps) {
  const found = useQuery(policyQuery(environment, project.id));
  return (
    <Loaded query={found} skeleton={<SkeletonRows rows={3} />}>
      {(stored) => (
        <PolicyFields
          key={`${stored.policy} ${stored.firstN} ${stored.covers}`}
          environment={environment}
          stored={stored}
          isReadOnly={isReadOnly}
        />
      )}
    </Loaded>
  );
}

/** The policy of a project. Events about content refresh it, for its count. */
function policyQuery(environment: Environment, projectId: string) {
  return queryOptions({
    queryKey: [environment, "content", "policy", projectId],
    queryFn: () => clientOf(environment).approval.getPolicy({ projectId }),
  });
}

interface PolicyFieldsProps {
  readonly environment: Environment;
  readonly stored: ContentReviewPolicy;
  readonly isReadOnly: boolean;
}

function PolicyFields({ environment, stored, isReadOnly }: PolicyFieldsProps) {
  const queries = useQueryClient();
  const { projectId } = stored;
  const [policy, setPolicy] = useState(stored.policy);
  const [firstN, setFirstN] = useState(String(stored.firstN ?? 3));
  const [covers, setCovers] = useState(stored.covers);
  const isCounted = policy === "review_first_n";
  const isChanged =
    policy !== stored.policy || covers !== stored.covers || (isCounted && firstN !== String(stored.firstN));
  const save = useMutation({
    mutationFn: () =>
      clientOf(environment).approval.updatePolicy({
        projectId,
        policy,
        covers,
        ...(isCounted && { firstN: Number(firstN) }),
      }),
    onSuccess: (changed) => {
      queries.setQueryData(policyQuery(environment, projectId).queryKey, changed);
      toast("The review policy is saved. It holds for new content.");
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "projects"] }),
  });
  const issues = issuesOf(save.error);
  return (
    <form
      className="project-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged) save.mutate();
      }}
    >
      <ErrorNotice error={save.error} fields={isCounted ? ["policy", "firstN", "covers"] : ["policy", "covers"]} />
      <Select
        label="New content"
        choices={POLICIES}
        value={policy}
        onChange={setPolicy}
        description={`${POLICIES.find((one) => one.id === policy)?.description}.`}
        error={issues["policy"]}
        isDisabled={isReadOnly}
      />
      {isCounted && (
        <TextField
          label="Decisions"
          inputMode="numeric"
          value={firstN}
          onChange={setFirstN}
          description="From 1 to 50: so many are reviewed, then new content is approved by itself."
          error={issues["firstN"]}
          isDisabled={isReadOnly}
        />
      )}
      <Select
        label="An approval covers"
        choices={COVERS}
        value={covers}
        onChange={setCovers}
        description={`${COVERS.find((one) => one.id === covers)?.description}.`}
        error={issues["covers"]}
        isDisabled={isReadOnly}
      />
      <p className="soft">
        {stored.pendingCount === 0
          ? "Nothing waits for a decision."
          : `${countOf(stored.pendingCount, "item")} ${stored.pendingCount === 1 ? "waits" : "wait"} for a decision.`}{" "}
        A change holds for new content; what exists stays as it is.
      </p>
      {isReadOnly ? (
        <p className="soft small">Approvers and administrators change this.</p>
      ) : (
        <div className="project-save">
          <Button type="submit" kind="primary" isPending={save.isPending} isDisabled={!isChanged}>
            Save the policy
          </Button>
        </div>
      )}
    </form>
  );
}

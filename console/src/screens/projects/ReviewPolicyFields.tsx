import type { Covers, Environment, ReviewPolicy } from "presswork-client";
import { countOf } from "../../posts/queuedCount";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Loaded } from "../../ui/Loaded";
import { type Choice, Select } from "../../ui/Select";
import { SkeletonRows } from "../../ui/Skeleton";
import { TextField } from "../../ui/TextField";
import { StepsFields } from "./StepsFields";
import type { PolicyFormState } from "./usePolicyForm";

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

const FIELDS = ["policy", "covers", "reminder.afterHours", "reminder.repeatHours"];

/** Whether a step shows an issue at its fields. */
function isOfStep(path: string): boolean {
  return /^steps\[\d+\](\.(name|quorum|userIds\[\d+\]))?$/.test(path);
}

interface ReviewPolicyFieldsProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly form: PolicyFormState;
  readonly isReadOnly: boolean;
}

/** Which new content of a project needs an approval, who gives it, and what it covers. */
export function ReviewPolicyFields({ environment, projectId, form, isReadOnly }: ReviewPolicyFieldsProps) {
  const { query, shown, isCounted, issues, pendingCount, set } = form;
  return (
    <Loaded query={query} skeleton={<SkeletonRows rows={3} />}>
      {() =>
        shown !== undefined && (
          <>
            <ErrorNotice
              error={form.error}
              fields={[...FIELDS, ...(isCounted ? ["firstN"] : []), ...Object.keys(issues).filter(isOfStep)]}
            />
            <Select
              label="New content"
              choices={POLICIES}
              value={shown.policy}
              onChange={(policy) => set({ policy })}
              description={`${POLICIES.find((one) => one.id === shown.policy)?.description}.`}
              error={issues["policy"]}
              isDisabled={isReadOnly}
            />
            {isCounted && (
              <TextField
                label="Decisions"
                inputMode="numeric"
                value={shown.firstN}
                onChange={(firstN) => set({ firstN })}
                description="From 1 to 50: so many are reviewed, then new content is approved by itself."
                error={issues["firstN"]}
                isDisabled={isReadOnly}
              />
            )}
            <Select
              label="An approval covers"
              choices={COVERS}
              value={shown.covers}
              onChange={(covers) => set({ covers })}
              description={`${COVERS.find((one) => one.id === shown.covers)?.description}.`}
              error={issues["covers"]}
              isDisabled={isReadOnly}
            />
            {shown.policy !== "auto_approve" && (
              <StepsFields
                environment={environment}
                projectId={projectId}
                steps={shown.steps}
                reminder={shown.reminder}
                issues={issues}
                isReadOnly={isReadOnly}
                onSteps={(steps) => set({ steps })}
                onReminder={(reminder) => set({ reminder })}
              />
            )}
            <p className="soft">
              {pendingCount === 0
                ? "Nothing waits for a decision."
                : `${countOf(pendingCount, "item")} ${pendingCount === 1 ? "waits" : "wait"} for a decision.`}{" "}
              A change holds for new content; what exists stays as it is.
            </p>
            {isReadOnly && <p className="soft small">Approvers and administrators change this.</p>}
          </>
        )
      }
    </Loaded>
  );
}

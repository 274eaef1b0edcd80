import { useQuery } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import type { Environment } from "presswork-client";
import { assigneesQuery } from "../../comments/queries";
import { Button } from "../../ui/Button";
import { Checkbox } from "../../ui/Checkbox";
import { CheckboxList } from "../../ui/CheckboxList";
import { Select } from "../../ui/Select";
import { TextField } from "../../ui/TextField";
import { type DecidingRole, MAX_STEPS, newStep, type TypedReminder, type TypedStep, usualSteps } from "./steps";

const WHO = [
  { id: "roles", label: "People with a role" },
  { id: "users", label: "People whom I choose" },
  { id: "link", label: "The client, at a review link" },
] as const;
const ROLES: readonly { readonly value: DecidingRole; readonly label: string }[] = [
  { value: "approver", label: "Approvers" },
  { value: "admin", label: "Administrators" },
];

interface StepsFieldsProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly steps: readonly TypedStep[];
  readonly reminder: TypedReminder;
  readonly issues: Readonly<Record<string, string>>;
  readonly isReadOnly: boolean;
  readonly onSteps: (steps: readonly TypedStep[]) => void;
  readonly onReminder: (reminder: TypedReminder) => void;
}

/** Who approves, one after the other, and when they are reminded. */
export function StepsFields(props: StepsFieldsProps) {
  const { environment, projectId, steps, reminder, issues, isReadOnly, onSteps, onReminder } = props;
  const people = useQuery({
    ...assigneesQuery(environment, projectId),
    enabled: steps.some(({ who }) => who === "users"),
  }).data;
  const change = (place: number, step: TypedStep) => onSteps(steps.with(place, step));
  return (
    <>
      {steps.map((step, place) => (
        <StepFields
          key={step.key}
          step={step}
          place={place}
          people={people ?? []}
          issues={issues}
          isReadOnly={isReadOnly}
          onChange={(changed) => change(place, changed)}
          onRemove={() => onSteps(steps.filter((one) => one !== step))}
        />
      ))}
      {steps.length === 0 && <p className="soft">One approval is enough.</p>}
      {!isReadOnly && steps.length < MAX_STEPS && (
        <div>
          <Button onPress={() => onSteps(steps.length === 0 ? usualSteps() : [...steps, newStep()])}>
            <Plus aria-hidden /> {steps.length === 0 ? "Approve in steps" : "Add a step"}
          </Button>
        </div>
      )}
      <Checkbox
        isSelected={reminder.isOn}
        isDisabled={isReadOnly}
        onChange={(isOn) => onReminder({ ...reminder, isOn })}
      >
        Remind those who decide
      </Checkbox>
      {reminder.isOn && (
        <div className="step-row">
          <TextField
            label="After hours"
            inputMode="numeric"
            value={reminder.after}
            onChange={(after) => onReminder({ ...reminder, after })}
            error={issues["reminder.afterHours"]}
            isDisabled={isReadOnly}
          />
          <TextField
            label="Then every … hours"
            inputMode="numeric"
            value={reminder.repeat}
            onChange={(repeat) => onReminder({ ...reminder, repeat })}
            placeholder="once is enough"
            error={issues["reminder.repeatHours"]}
            isDisabled={isReadOnly}
          />
        </div>
      )}
    </>
  );
}

interface StepFieldsProps {
  readonly step: TypedStep;
  readonly place: number;
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly issues: Readonly<Record<string, string>>;
  readonly isReadOnly: boolean;
  readonly onChange: (step: TypedStep) => void;
  readonly onRemove: () => void;
}

function StepFields({ step, place, people, issues, isReadOnly, onChange, onRemove }: StepFieldsProps) {
  const issue = (field: string) => issues[`steps[${place}].${field}`];
  const refused = step.userIds.filter((_, index) => issue(`userIds[${index}]`) !== undefined);
  const nameOf = (id: string) => people.find((person) => person.id === id)?.name ?? "A former colleague";
  return (
    <fieldset className="step" disabled={isReadOnly}>
      <legend>Step {place + 1}</legend>
      <div className="step-row">
        <TextField
          label="Name"
          value={step.name}
          onChange={(name) => onChange({ ...step, name })}
          placeholder="Editors"
          error={issue("name")}
        />
        <Select
          label="Who approves"
          choices={WHO}
          value={step.who}
          onChange={(who) => onChange({ ...step, who })}
          isDisabled={isReadOnly}
        />
        <TextField
          label="Approvals needed"
          inputMode="numeric"
          value={step.quorum}
          onChange={(quorum) => onChange({ ...step, quorum })}
          error={issue("quorum") ?? issues[`steps[${place}]`]}
        />
      </div>
      {step.who === "roles" && (
        <CheckboxList
          label="Roles"
          choices={ROLES}
          value={step.roles}
          onChange={(roles) => onChange({ ...step, roles })}
        />
      )}
      {step.who === "users" && (
        <CheckboxList
          label="People"
          choices={people.map(({ id, name }) => ({ value: id, label: name }))}
          value={step.userIds}
          onChange={(userIds) => onChange({ ...step, userIds })}
        />
      )}
      {refused.length > 0 && (
        <p className="field">
          <span className="error" role="alert">
            {refused.map(nameOf).join(", ")}: not with a role that approves. Choose others, or change the role.
          </span>
        </p>
      )}
      {step.who === "link" && (
        <p className="soft small">Share the content for review when it is at this step; each link counts once.</p>
      )}
      {!isReadOnly && (
        <div>
          <Button kind="quiet" onPress={onRemove}>
            <Trash2 aria-hidden /> Remove step {place + 1}
          </Button>
        </div>
      )}
    </fieldset>
  );
}

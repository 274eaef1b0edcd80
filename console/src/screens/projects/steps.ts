import type { ContentReviewPolicy, NewApprovalStepParam } from "presswork-client";
import { randomKey } from "../../api/client";

export const MAX_STEPS = 3;
const USUAL_AFTER = "24";

/** A role whose people may decide. */
export type DecidingRole = "approver" | "admin";

/** A step of approval as a person types it. */
export interface TypedStep {
  readonly key: string;
  readonly name: string;
  readonly who: "roles" | "users" | "link";
  readonly roles: readonly DecidingRole[];
  readonly userIds: readonly string[];
  readonly quorum: string;
}

/** When content that waits is brought to mind, in hours; `repeat` is empty for once. */
export interface TypedReminder {
  readonly isOn: boolean;
  readonly after: string;
  readonly repeat: string;
}

const EVERYONE: readonly DecidingRole[] = ["approver", "admin"];
const NEW = { who: "roles", roles: EVERYONE, userIds: [], quorum: "1" } as const;

/** The steps that most begin with: first the team, then the client. */
export function usualSteps(): readonly TypedStep[] {
  return [
    { ...NEW, key: randomKey(), name: "Team" },
    { ...NEW, key: randomKey(), name: "Client", who: "link" },
  ];
}

/** Returns a step to fill in. */
export function newStep(): TypedStep {
  return { ...NEW, key: randomKey(), name: "" };
}

/** Returns the stored steps as a form shows them. */
export function typedSteps(policy: Pick<ContentReviewPolicy, "steps">): readonly TypedStep[] {
  return (policy.steps ?? []).map(({ name, roles, userIds, reviewLink, quorum }, place) => ({
    key: String(place),
    name,
    who: reviewLink ? "link" : userIds ? "users" : "roles",
    roles: roles ?? EVERYONE,
    userIds: userIds ?? [],
    quorum: String(quorum),
  }));
}

/** Returns steps as the API takes them. */
export function stepParams(steps: readonly TypedStep[]): readonly NewApprovalStepParam[] {
  return steps.map(({ name, who, roles, userIds, quorum }) => ({
    name: name.trim(),
    ...(who === "roles" && { roles }),
    ...(who === "users" && { userIds }),
    ...(who === "link" && { reviewLink: true as const }),
    quorum: Number(quorum),
  }));
}

/** Returns the stored reminder as a form shows it. */
export function typedReminder({ reminder }: Pick<ContentReviewPolicy, "reminder">): TypedReminder {
  return {
    isOn: reminder !== undefined && reminder !== null,
    after: String(reminder?.afterHours ?? USUAL_AFTER),
    repeat: reminder?.repeatHours === undefined || reminder.repeatHours === null ? "" : String(reminder.repeatHours),
  };
}

/** Returns a reminder as the API takes it; null: none. */
export function reminderParam({ isOn, after, repeat }: TypedReminder) {
  if (!isOn) return null;
  return { afterHours: Number(after), ...(repeat.trim() !== "" && { repeatHours: Number(repeat) }) };
}

/** Whether two forms say the same to the API. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

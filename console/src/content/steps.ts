import type { Content, ContentStep } from "presswork-client";
import type { SignedIn } from "../api/session";

const DECIDERS = { approver: "approvers", admin: "administrators" } as const;

/** Returns the step that waits for a decision; undefined: there are no steps, or none waits. */
export function currentStepOf({ steps }: Pick<Content, "steps">): ContentStep | undefined {
  return steps.find(({ status }) => status === "current");
}

/** "Team: 1 of 2"; the number only where one approval is not enough. */
export function stepText({ name, approvals, quorum }: ContentStep): string {
  return quorum === 1 ? name : `${name}: ${approvals.length} of ${quorum}`;
}

/** Returns a sentence about why a person, whose role decides on content, does not decide on this one now; null: they do. */
export function obstacleOf(content: Pick<Content, "steps">, { user }: Pick<SignedIn, "user">): string | null {
  const step = currentStepOf(content);
  if (step === undefined) return null;
  if (step.reviewLink)
    return `The client decides the step “${step.name}”, at a review link. Share the content for review.`;
  if (step.approvals.some(({ by }) => by === user.id)) {
    const missing = step.quorum - step.approvals.length;
    const people = missing === 1 ? "one other person" : `${missing} other people`;
    return `You have approved the step “${step.name}”. It waits for ${people}.`;
  }
  if (step.roles && !step.roles.some((role) => role === user.role)) {
    const who = step.roles.map((role) => DECIDERS[role]).join(" and ");
    return `The step “${step.name}” is decided by ${who}.`;
  }
  if (step.userIds && !step.userIds.includes(user.id)) {
    return `The step “${step.name}” is decided by people whom the project names, and you are not one of them.`;
  }
  return null;
}

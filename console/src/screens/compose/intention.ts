import { parseZonedDateTime } from "@internationalized/date";
import type { Content, Project } from "presswork-client";
import { exactTime, viewerZone } from "../../ui/times";
import type { Draft } from "./draft";

/** What the button does. `keep`: only the content is completed, for roles that can't publish. */
export type Intention = "publish" | "schedule" | "review" | "keep";

interface Known {
  readonly content: Content | undefined;
  readonly project: Project | undefined;
  readonly mayPublish: boolean;
}

/** Returns what the button does, by the project's policy, the chosen time and the person's role. */
export function intentionOf(draft: Draft, { content, project, mayPublish }: Known): Intention {
  const isPending = content === undefined ? project?.requiresApproval === true : content.approvalStatus === "pending";
  if (isPending) return "review";
  if (!mayPublish) return "keep";
  return draft.laterAt === null ? "publish" : "schedule";
}

export const LABELS: Readonly<Record<Intention, string>> = {
  publish: "Publish now",
  schedule: "Schedule",
  review: "Send for review",
  keep: "Save to the library",
};

/** Returns the chosen instant; null: now. */
export function instantOf({ laterAt }: Pick<Draft, "laterAt">): string | null {
  return laterAt === null ? null : parseZonedDateTime(laterAt).toAbsoluteString();
}

/** Says what the button will do. */
export function sentenceOf(intention: Intention, draft: Draft, zone: string): string {
  const count = draft.targets.length;
  const accounts = count === 1 ? "1 account" : `${count} accounts`;
  const instant = instantOf(draft);
  const when = instant === null ? null : inZones(instant, zone);
  switch (intention) {
    case "publish":
      return count === 0 ? "Goes live as soon as you publish." : `Goes live on ${accounts} at once.`;
    case "schedule":
      return `Goes out to ${accounts} on ${when}.`;
    case "review":
      if (count === 0) return "An approver decides before it can be published.";
      return when === null
        ? `An approver decides first; once approved, it goes out to ${accounts} at once.`
        : `An approver decides first; once approved, it goes out to ${accounts} on ${when}.`;
    case "keep":
      return "Your role can't publish. A publisher can send it from the library.";
  }
}

/** Names an instant in the project's zone, and in the viewer's where it differs. */
export function inZones(instant: string, zone: string, own: string = viewerZone()): string {
  const date = new Date(instant);
  const there = `${exactTime(date, zone)} (${zone})`;
  return own === zone ? there : `${there}; for you ${exactTime(date, own)} (${own})`;
}

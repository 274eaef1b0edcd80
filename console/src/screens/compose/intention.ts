import type { Content, Project } from "presswork-client";
import { viewerZone } from "../../ui/times";
import type { Draft } from "./draft";
import { dueAt } from "./later";

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
  return draft.laterAt === null && draft.queue === null ? "publish" : "schedule";
}

/** Says what the button does, and for how many accounts. */
export function labelOf(intention: Intention, { targets, queue }: Pick<Draft, "targets" | "queue">): string {
  const isSeveral = targets.length > 1;
  switch (intention) {
    case "publish":
      return isSeveral ? `Publish to ${targets.length}` : "Publish now";
    case "schedule":
      if (queue !== null) return isSeveral ? `Add to the queue for ${targets.length}` : "Add to the queue";
      return isSeveral ? `Schedule for ${targets.length}` : "Schedule";
    case "review":
      return "Send for review";
    case "keep":
      return "Save to the library";
  }
}

/** Returns the chosen instant; null: now. */
export function instantOf({ laterAt }: Pick<Draft, "laterAt">): string | null {
  return laterAt === null ? null : dueAt(laterAt).toISOString();
}

/** The queue that chooses the time: its name, and the time that it has free, as far as that is known. */
export interface ChosenQueue {
  readonly name: string;
  readonly freeAt: string | null;
}

/** Says what the button will do. */
export function sentenceOf(intention: Intention, draft: Draft, zone: string, queue: ChosenQueue | null): string {
  const count = draft.targets.length;
  const accounts = count === 1 ? "1 account" : `${count} accounts`;
  const instant = instantOf(draft);
  const when = queue !== null ? queueWhen(queue, zone) : instant === null ? null : `on ${inZones(instant, zone)}`;
  switch (intention) {
    case "publish":
      return count === 0 ? "Goes live as soon as you publish." : `Goes live on ${accounts} at once.`;
    case "schedule":
      return `Goes out to ${accounts} ${when}.`;
    case "review":
      if (count === 0) return "An approver decides before it can be published.";
      return when === null
        ? `An approver decides first; once approved, it goes out to ${accounts} at once.`
        : `An approver decides first; once approved, it goes out to ${accounts} ${when}.`;
    case "keep":
      return "Your role can't publish. A publisher can send it from the library.";
  }
}

function queueWhen({ name, freeAt }: ChosenQueue, zone: string): string {
  return freeAt === null ? `at a free time of ${name}` : `with ${name}, on ${inZones(freeAt, zone)}`;
}

/** Names an instant in the project's zone, and in the viewer's where it differs. */
export function inZones(instant: string, zone: string, own: string = viewerZone()): string {
  const date = new Date(instant);
  const [there, here] = [zone, own].map((one) => written(date, one));
  return there === here ? `${there}` : `${there} (${zone}); for you ${here} (${own})`;
}

function written(instant: Date, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short", timeZone }).format(instant);
}

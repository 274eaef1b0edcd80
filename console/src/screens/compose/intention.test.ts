import type { Content, Project } from "presswork-client";
import { expect, test } from "vitest";
import { emptyDraft, newTarget } from "./draft";
import { instantOf, intentionOf, inZones, labelOf, sentenceOf } from "./intention";

const draft = { ...emptyDraft("prj_1"), targets: [newTarget("sa_1", "instagram")] };
const later = { ...draft, laterAt: "2026-12-24T18:30+09:00[Asia/Tokyo]" };
const pending = { approvalStatus: "pending" } as Content;
const project = { requiresApproval: true } as Project;

test("policy, role and time decide what the button does", () => {
  const known = { content: undefined, project: undefined, mayPublish: true };
  expect(intentionOf(draft, known)).toBe("publish");
  expect(intentionOf(later, known)).toBe("schedule");
  expect(intentionOf(later, { ...known, content: pending })).toBe("review");
  expect(intentionOf(draft, { ...known, project })).toBe("review");
  expect(intentionOf(draft, { ...known, project, content: { approvalStatus: "approved" } as Content })).toBe("publish");
  expect(intentionOf(draft, { ...known, mayPublish: false })).toBe("keep");
});

test("a time in the project's zone is an instant, which the sentence names in both zones", () => {
  expect(instantOf(later)).toBe("2026-12-24T09:30:00.000Z");
  const sentence = inZones("2026-12-24T09:30:00Z", "Asia/Tokyo", "Europe/Berlin");
  expect(sentence).toContain("18:30");
  expect(sentence).toContain("(Asia/Tokyo); for you");
  expect(sentence).toContain("10:30");
  expect(inZones("2026-12-24T09:30:00Z", "Europe/Paris", "Europe/Berlin")).toBe("Thursday, 24 December 2026 at 10:30");
  expect(sentenceOf("schedule", later, "Asia/Tokyo", null)).toContain("to 1 account on Thursday");
});

test("a queue chooses the time, which the sentence names once it is known", () => {
  const queued = { ...draft, queue: { id: "que_1", position: "next", slotAt: null } } as const;
  expect(intentionOf(queued, { content: undefined, project: undefined, mayPublish: true })).toBe("schedule");
  expect(labelOf("schedule", queued)).toBe("Add to the queue");
  const at = { name: "Mornings", freeAt: "2026-12-24T09:30:00Z" };
  expect(sentenceOf("schedule", queued, "UTC", { ...at, freeAt: null })).toBe(
    "Goes out to 1 account at a free time of Mornings.",
  );
  expect(sentenceOf("schedule", queued, "UTC", at)).toContain("with Mornings, on Thursday, 24 December 2026");
});

import type { Draft as ServerDraft } from "presswork-client";
import { expect, test } from "vitest";
import { type Draft, type DraftFile, emptyDraft, newTarget, reduce } from "./draft";
import { bodyOf, draftOf, titleOf } from "./keptDraft";

const file = { id: "a", name: "rye.jpg", assetId: "ast_1", isSent: true } as DraftFile;
const draft: Draft = {
  ...emptyDraft("prj_1"),
  containerId: "cnt_1",
  files: [file],
  caption: "Rye",
  targets: [{ ...newTarget("sa_1", "threads"), caption: "Rye, with caraway" }],
  laterAt: "2026-12-24T18:30:00+09:00[Asia/Tokyo]",
};
const stored = (body: unknown): ServerDraft => ({
  id: "drf_1",
  projectId: "prj_1",
  revision: 3,
  body: JSON.parse(JSON.stringify(body)),
  updatedBy: "usr_1",
  updatedByName: "Mira",
  createdAt: "2026-12-01T09:00:00Z",
  updatedAt: "2026-12-01T09:00:00Z",
});

test("a draft comes back from the server as it was, and knows its revision", () => {
  expect(draftOf(stored(bodyOf(draft)))).toEqual({ ...draft, kept: { id: "drf_1", revision: 3 } });
});

test("what a later version has added is there, and what another program wrote is not opened", () => {
  const { isApart: _, ...older } = draft.targets[0] ?? newTarget("", "threads");
  const body = bodyOf({ ...draft, targets: [older as Draft["targets"][number]] });
  expect(draftOf(stored(body))?.targets[0]?.isApart).toBe(false);
  for (const other of [
    null,
    "Rye",
    { version: 2, draft: {} },
    { version: 1 },
    { version: 1, draft: { targets: [] } },
  ]) {
    expect(draftOf(stored(other))).toBeNull();
  }
});

test("files that no other device could get are not kept, and neither is the revision itself", () => {
  expect(bodyOf({ ...draft, containerId: null }).draft.files).toEqual([]);
  const kept = reduce(draft, { type: "kept", kept: { id: "drf_1", revision: 4 } });
  expect(bodyOf(kept)).toEqual(bodyOf(draft));
});

test("another project is another draft", () => {
  const kept = reduce(draft, { type: "kept", kept: { id: "drf_1", revision: 4 } });
  expect(reduce(kept, { type: "project", projectId: "prj_2" }).kept).toBeNull();
});

test("a draft is known by its text, else by its files", () => {
  expect(titleOf(draft)).toBe("Rye");
  expect(titleOf({ ...draft, caption: " " })).toBe("rye.jpg");
  expect(titleOf({ ...draft, parts: ["First", "Second"] })).toBe("First");
  expect(titleOf(emptyDraft("prj_1"))).toBe("Without a text");
});

import type { SystemState } from "presswork-client";
import { describe, expect, test } from "vitest";
import { concernsOf, headlineOf, titleOf, versionsOf } from "./concerns";

const worker = { version: "0.9.0" } as SystemState["workers"][number];

function system(changes: Partial<SystemState>): SystemState {
  return {
    checkedAt: "2026-11-27T12:00:00Z",
    findings: [],
    workers: [worker],
    lag: { due: 0 },
    versions: { program: "0.9.0" },
    publicUrlSetup: { isRestartNeeded: false },
    ...changes,
  } as SystemState;
}

const finding = (name: string, status: "ok" | "warn" | "fail") => ({ name, status, message: "", fix: null });

describe("the headline", () => {
  test.each([
    [[], "All is well"],
    [["ok"], "All is well"],
    [["warn"], "1 thing needs attention"],
    [["warn", "warn"], "2 things need attention"],
    [["fail"], "1 thing does not work"],
    [["warn", "fail", "fail", "warn"], "2 things do not work, and 2 more need attention"],
  ] as const)("of %j is %j", (statuses, text) => {
    expect(headlineOf(system({ findings: statuses.map((status, place) => finding(`${place}`, status)) }))).toBe(text);
  });

  test("does not claim that all is well before the first check", () => {
    expect(headlineOf(system({ checkedAt: null }))).toBe("Not checked yet");
  });
});

describe("concerns", () => {
  test("a changed public address waits for a restart", () => {
    const publicUrlSetup = { isRestartNeeded: true } as SystemState["publicUrlSetup"];
    expect(concernsOf(system({ publicUrlSetup })).map((one) => one.name)).toEqual(["restart"]);
  });

  test("what fails comes first", () => {
    const findings = [finding("a", "warn"), finding("b", "ok"), finding("c", "fail")];
    expect(concernsOf(system({ findings })).map((one) => one.name)).toEqual(["c", "a"]);
  });

  test("a worker that is gone since the checks is one, and only one", () => {
    expect(concernsOf(system({ workers: [] })).map((one) => one.status)).toEqual(["warn"]);
    expect(concernsOf(system({ workers: [], findings: [finding("workers", "fail")] }))).toHaveLength(1);
  });

  test("different versions are named with their processes", () => {
    const mixed = system({ workers: [worker, { ...worker, version: "0.8.0" }, { ...worker, version: "0.8.0" }] });
    expect([...versionsOf(mixed)]).toEqual([
      ["0.9.0", ["this API", "1 worker"]],
      ["0.8.0", ["2 workers"]],
    ]);
    expect(concernsOf(mixed)[0]?.message).toBe(
      "Different versions run: 0.9.0 (this API, 1 worker), 0.8.0 (2 workers).",
    );
  });
});

test("the name of a finding becomes a heading that calls a login as people do", () => {
  expect(titleOf("facebook_pages app")).toBe("Facebook Pages app");
  expect(titleOf("linkedin API version")).toBe("LinkedIn API version");
  expect(titleOf("public url")).toBe("Public URL");
});

import { type AppAccount, ConflictError, type PlatformApp } from "presswork-client";
import { expect, test } from "vitest";
import { byProject, checkBadge, checkResult, placesText, refusalOf } from "./apps";

const NAMES: Readonly<Record<string, string>> = { prj_1: "Corner Bakery" };

function appWith(result: "accepted" | "refused" | "unreachable" | "unsupported" | null): PlatformApp {
  const lastCheck = result === null ? null : { result, message: "", checkedAt: "2026-12-01T00:00:00Z" };
  return { platform: "tiktok", lastCheck } as PlatformApp;
}

test("where an app is used is said in a few words", () => {
  const text = (places: readonly string[] | null) => placesText(places, (id) => NAMES[id]);
  expect([text(null), text([]), text(["prj_1"]), text(["prj_2"]), text(["prj_1", "prj_2"])]).toEqual([
    "All projects",
    "No new logins",
    "Corner Bakery",
    "1 project",
    "2 projects",
  ]);
});

test("each answer of a network has a word, a sign and a sentence, and a refusal says what to do", () => {
  const results = (["accepted", "refused", "unreachable", "unsupported", null] as const).map(appWith);
  expect(results.map((app) => checkBadge(app).tone)).toEqual(["good", "bad", "warn", "neutral", "neutral"]);
  expect(results.map((app) => checkResult(app).status)).toEqual(["ok", "fail", "warn", "info", "open"]);
  expect(new Set(results.map((app) => checkResult(app).message)).size).toBe(5);
  expect(checkResult(appWith("refused")).fix).toContain("replace the secret");
});

test("a refusal has its number of accounts, or the app that has the place; other failures have neither", () => {
  const refused = (details: Record<string, unknown>) =>
    refusalOf(
      new ConflictError("No.", { code: "CONFLICT", details }, {
        statusCode: 409,
        requestId: undefined,
      } as ConflictError["response"]),
    );
  expect(refused({ reason: "app_in_use", accounts: 3 })).toEqual({ reason: "in_use", accounts: 3 });
  expect(refused({ reason: "place_taken", platformAppId: "app_1" })).toEqual({
    reason: "place_taken",
    platformAppId: "app_1",
  });
  expect([refused({ reason: "too_many_platform_apps" }), refusalOf(new Error("No."))]).toEqual([null, null]);
});

test("accounts are grouped by project, in their order", () => {
  const accounts = ["prj_2", "prj_1", "prj_2"].map((projectId) => ({ projectId }) as AppAccount);
  expect(byProject(accounts).map(([id, own]) => [id, own.length])).toEqual([
    ["prj_2", 2],
    ["prj_1", 1],
  ]);
});

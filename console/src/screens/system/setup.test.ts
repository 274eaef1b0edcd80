import type { PlatformSetup } from "presswork-client";
import { describe, expect, test } from "vitest";
import { appResultsOf, publicUrlProblem, setupState } from "./setup";

const VARIABLES = ["PRESSWORK_TIKTOK_CLIENT_KEY", "PRESSWORK_TIKTOK_CLIENT_SECRET"] as const;

function setup(changes: Partial<PlatformSetup>): PlatformSetup {
  return {
    variables: VARIABLES,
    missing: [],
    checks: [],
    warnings: [],
    check: null,
    isConfigured: true,
    ...changes,
  } as PlatformSetup;
}

const answered = (result: "accepted" | "refused" | "unreachable" | "unsupported") =>
  setup({
    check: { result, message: "it says so", checkedAt: "" },
    warnings: result === "refused" ? [{ code: "refused", message: "It refuses them." }] : [],
  });

describe("the public URL", () => {
  test.each([
    ["http://presswork.example.com", "is not https"],
    ["https://localhost", "no public host name"],
    ["https://10.0.0.1:8443", "no public host name"],
  ])("%j has a problem", (url, text) => {
    expect(publicUrlProblem(url)?.title).toContain(text);
  });

  test("an https name has none, and neither has what is not set yet", () => {
    expect(publicUrlProblem("https://presswork.example.com")).toBeNull();
    expect(publicUrlProblem(null)).toBeNull();
  });
});

describe("credentials", () => {
  test("that are missing are to be set, and a half is an error", () => {
    expect(appResultsOf(setup({ missing: VARIABLES }))[0]?.status).toBe("open");
    expect(appResultsOf(setup({ missing: [VARIABLES[1]] }))[0]?.status).toBe("fail");
  });

  test.each([
    ["accepted", "ok"],
    ["unsupported", "info"],
    ["refused", "fail"],
  ] as const)("that are %s are %s", (result, status) => {
    expect(appResultsOf(answered(result)).map((one) => one.status)).toEqual([status]);
  });

  test("that the platform refuses are the state of the platform", () => {
    expect(setupState(answered("refused")).text).toBe("does not work");
    expect(setupState(answered("accepted")).text).toBe("set up");
  });
});

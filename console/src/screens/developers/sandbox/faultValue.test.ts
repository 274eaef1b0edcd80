import { expect, test } from "vitest";
import { faultValue } from "./faultValue";

test("what a person types is milliseconds for delays, and a code for errors", () => {
  expect(faultValue("latency", " 250 ")).toEqual({ value: { ms: 250 } });
  expect(faultValue("late_effect", "500")).toEqual({ value: { ms: 500 } });
  expect(faultValue("platform_error", "4/2207051")).toEqual({ value: { code: 4, subcode: 2207051 } });
  expect(faultValue("platform_error", "spam_risk")).toEqual({ value: { code: "spam_risk" } });
  expect(faultValue("late_effect", " ")).toEqual({});
});

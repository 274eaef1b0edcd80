import { expect, test } from "vitest";
import { amountOf, limitOf, limitText } from "./limits";

test("a limit is a whole number, media are in gigabytes, and nothing is no limit", () => {
  expect(limitOf("accounts", "20")).toBe(20);
  expect(limitOf("accounts", "1,000")).toBe(1000);
  expect(limitOf("mediaBytes", "1.5")).toBe(1_500_000_000);
  expect(limitOf("queued", " ")).toBeNull();
  expect([limitOf("keys", "-1"), limitOf("keys", "1.5"), limitOf("keys", "many")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(limitText("mediaBytes", 1_500_000_000)).toBe("1.5");
  expect(amountOf("mediaBytes", 1_500_000_000)).toBe("1.5 GB");
});

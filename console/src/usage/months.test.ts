import { expect, test } from "vitest";
import { daysOfMonth, monthAfter, monthName, monthOf } from "./months";

test("a month begins in UTC, and years end", () => {
  const now = new Date("2026-12-31T23:59:00-05:00");
  expect(monthOf(undefined, now)).toBe("2027-01");
  expect(monthOf("2026-13", now)).toBe("2027-01");
  expect(monthAfter("2026-12", 1)).toBe("2027-01");
  expect(monthAfter("2026-01", -1)).toBe("2025-12");
  expect(daysOfMonth("2026-12")).toEqual({ since: "2026-12-01", until: "2027-01-01" });
  expect(monthName("2026-11")).toBe("November 2026");
});

import { parseAbsolute } from "@internationalized/date";
import { describe, expect, test } from "vitest";
import { movedTime, timeRefusalOf } from "./moving";

const BEFORE_CLOCKS_CHANGE = "2026-10-24T07:00:00Z"; // 09:00 in Berlin, where the clocks go back that night

describe("moving by an offset", () => {
  test("a day keeps the time of day of the project's zone", () => {
    const moved = movedTime(BEFORE_CLOCKS_CHANGE, { by: 1, unit: "days", isEarlier: false }, "Europe/Berlin");
    expect(moved.toISOString()).toBe("2026-10-25T08:00:00.000Z");
  });

  test("hours are hours", () => {
    const moved = movedTime(BEFORE_CLOCKS_CHANGE, { by: 24, unit: "hours", isEarlier: false }, "Europe/Berlin");
    expect(moved.toISOString()).toBe("2026-10-25T07:00:00.000Z");
  });

  test("and back", () => {
    const moved = movedTime("2026-10-25T08:00:00Z", { by: 1, unit: "days", isEarlier: true }, "Europe/Berlin");
    expect(moved.toISOString()).toBe("2026-10-24T07:00:00.000Z");
  });

  test("to a time is that time", () => {
    const to = parseAbsolute("2026-12-01T10:00:00Z", "Asia/Tokyo");
    expect(movedTime(BEFORE_CLOCKS_CHANGE, { to }, "Europe/Berlin").toISOString()).toBe("2026-12-01T10:00:00.000Z");
  });
});

test.each([
  ["2026-11-27T11:59:00Z", "in the past"],
  ["2026-11-27T12:01:00Z", null],
  ["2027-11-28T12:00:00Z", "more than 365 days ahead"],
])("a post at %s would be %s", (time, refusal) => {
  expect(timeRefusalOf(new Date(time), new Date("2026-11-27T12:00:00Z"))).toBe(refusal);
});

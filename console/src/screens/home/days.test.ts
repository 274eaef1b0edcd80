import { expect, test } from "vitest";
import { dateIn, daysOf, tomorrowIn, weekFrom } from "./days";

const at = (scheduledFor: string, projectId = "berlin") => ({ projectId, scheduledFor });
const zoneOf = (projectId: string) => ({ berlin: "Europe/Berlin", tokyo: "Asia/Tokyo" })[projectId] ?? "UTC";

test("a day is that of the project", () => {
  const now = new Date("2026-11-27T16:00:00Z"); // 17:00 on the 27th in Berlin, 01:00 on the 28th in Tokyo
  const early = at("2026-11-27T22:59:00Z");
  const late = at("2026-11-27T23:00:00Z");
  const inTokyo = at("2026-11-28T14:59:00Z", "tokyo");
  const [today, tomorrow] = daysOf([early, late, inTokyo, at("2026-11-28T23:00:00Z")], now, zoneOf);
  expect(today.rows).toEqual([early, inTokyo]);
  expect(tomorrow.rows).toEqual([late]);
});

test("a day on which the clocks change ends at its own midnight", () => {
  const now = new Date("2026-10-24T21:30:00Z"); // 23:30 in Berlin, the day before it has 25 hours
  const lastMinute = at("2026-10-25T22:59:00Z");
  const [, tomorrow] = daysOf([lastMinute, at("2026-10-25T23:00:00Z")], now, zoneOf);
  expect(tomorrow.rows).toEqual([lastMinute]);
  expect(dateIn("Europe/Berlin", now)).toBe("2026-10-24");
});

test("tomorrow begins in the east and ends in the west", () => {
  const now = new Date("2026-11-27T16:00:00Z"); // the 28th in Tokyo
  expect(tomorrowIn(["Europe/Berlin", "Asia/Tokyo", "America/New_York"], now)).toEqual({
    since: new Date("2026-11-27T23:00:00Z"),
    until: new Date("2026-11-29T15:00:00Z"),
  });
});

test("a week begins today and has its own midnights, also where the clocks change", () => {
  const { days, span } = weekFrom(new Date("2026-10-24T22:30:00Z"), "Europe/Berlin"); // 00:30 on the 25th, which has 25 hours
  expect(days.map(String)).toEqual(["25", "26", "27", "28", "29", "30", "31"].map((day) => `2026-10-${day}`));
  expect(span).toEqual({ since: "2026-10-24T22:00:00.000Z", until: "2026-10-31T22:59:59.999Z" });
});

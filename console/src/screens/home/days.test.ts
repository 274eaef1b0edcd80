import { expect, test } from "vitest";
import { dateIn, daysOf } from "./days";

const at = (scheduledFor: string, projectId = "berlin") => ({ projectId, scheduledFor });
const zoneOf = (projectId: string) => ({ berlin: "Europe/Berlin", tokyo: "Asia/Tokyo" })[projectId] ?? "UTC";

test("a day is that of the project", () => {
  const now = new Date("2026-11-27T16:00:00Z"); // 17:00 on the 27th in Berlin, 01:00 on the 28th in Tokyo
  const early = at("2026-11-27T22:59:00Z");
  const late = at("2026-11-27T23:00:00Z");
  const inTokyo = at("2026-11-28T14:59:00Z", "tokyo");
  const [today, tomorrow] = daysOf([early, late, inTokyo, at("2026-11-28T23:00:00Z")], now, zoneOf);
  expect(today.posts).toEqual([early, inTokyo]);
  expect(tomorrow.posts).toEqual([late]);
});

test("a day on which the clocks change ends at its own midnight", () => {
  const now = new Date("2026-10-24T21:30:00Z"); // 23:30 in Berlin, the day before it has 25 hours
  const lastMinute = at("2026-10-25T22:59:00Z");
  const [, tomorrow] = daysOf([lastMinute, at("2026-10-25T23:00:00Z")], now, zoneOf);
  expect(tomorrow.posts).toEqual([lastMinute]);
  expect(dateIn("Europe/Berlin", now)).toBe("2026-10-24");
});

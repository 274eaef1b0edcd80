import { expect, test } from "vitest";
import { dateIn, daysOf, together, tomorrowIn } from "./days";

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

test("tomorrow begins in the east and ends in the west", () => {
  const now = new Date("2026-11-27T16:00:00Z"); // the 28th in Tokyo
  expect(tomorrowIn(["Europe/Berlin", "Asia/Tokyo", "America/New_York"], now)).toEqual({
    since: new Date("2026-11-27T23:00:00Z"),
    until: new Date("2026-11-29T15:00:00Z"),
  });
});

test("posts of the same content at the same time are one thing", () => {
  const post = (containerId: string, time: string) => ({ ...at(time), containerId });
  const [one, two] = [post("a", "2026-11-27T16:00:00Z"), post("a", "2026-11-27T16:00:00Z")];
  const [later, other] = [post("a", "2026-11-27T17:00:00Z"), post("b", "2026-11-27T16:00:00Z")];
  expect(together([one, other, two, later])).toEqual([[one, two], [other], [later]]);
});

import { describe, expect, test } from "vitest";
import { dayTime, exactTime, foreignClock, relativeTime, shortTime, sinceTime } from "./times";

const NOW = new Date("2026-11-27T12:00:00Z");
const after = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

describe("relative times", () => {
  test.each([
    [0, "just now"],
    [-9, "just now"],
    [9, "in a moment"],
    [-45, "just now"],
    [61, "in 1 minute"],
    [-3 * 3600, "3 hours ago"],
    [26 * 3600, "in 1 day"],
    [-8 * 86_400, "1 week ago"],
    [400 * 86_400, "in 1 year"],
  ])("%d s from now is %j", (seconds, text) => {
    expect(relativeTime(after(seconds), NOW)).toBe(text);
  });
});

describe("times in a zone", () => {
  test("a short time is that of the zone", () => {
    expect(shortTime(NOW, NOW, "Asia/Tokyo")).toBe("27 Nov, 21:00");
  });

  test("another year is named", () => {
    expect(shortTime(new Date("2027-01-02T00:30:00Z"), NOW, "UTC")).toBe("2 Jan 2027, 00:30");
  });

  test("an exact time has its zone and no seconds", () => {
    expect(exactTime(NOW, "Europe/Berlin")).toMatch(/^Friday.* 27 November 2026 at 13:00 CET$/);
  });

  test.each([
    ["2026-11-27T08:00:00Z", "today 09:00"],
    ["2026-11-27T23:30:00Z", "tomorrow 00:30"],
    ["2026-11-25T23:30:00Z", "yesterday 00:30"],
    ["2026-12-03T08:00:00Z", "Thu 3 Dec, 09:00"],
    ["2027-01-03T08:00:00Z", "Sun 3 Jan 2027, 09:00"],
  ])("%s in Berlin is %j", (instant, text) => {
    expect(dayTime(new Date(instant), NOW, "Europe/Berlin")).toBe(text);
  });

  test("since when is the time of today, or another day", () => {
    const since = (instant: string) => sinceTime(new Date(instant), NOW, "Europe/Berlin");
    expect([since("2026-11-27T08:05:00Z"), since("2026-11-26T22:00:00Z")]).toEqual(["09:05", "26 Nov"]);
  });

  test("a clock is named where it is not the viewer's", () => {
    expect(foreignClock(NOW, "Europe/Berlin", "UTC")).toBe("CET");
    expect(foreignClock(NOW, "Europe/Berlin", "Europe/Rome")).toBeNull();
    expect(foreignClock(NOW, "Europe/Lisbon", "UTC")).toBeNull(); // in winter
    expect(foreignClock(NOW, undefined, "UTC")).toBeNull();
  });
});

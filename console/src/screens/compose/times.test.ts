import { parseAbsolute, parseZonedDateTime } from "@internationalized/date";
import { expect, test } from "vitest";
import { dueAt, isOver } from "./later";
import { inAnHour, nextHour, startingAt, tomorrowAtNine } from "./times";

const ZONE = "Europe/Berlin";
const at = (time: string) => parseZonedDateTime(`2026-12-01T${time}[${ZONE}]`);

test("the proposed times leave at least a quarter of an hour", () => {
  expect(nextHour(ZONE, at("01:44:30")).toString()).toContain("2026-12-01T02:00:00");
  expect(nextHour(ZONE, at("01:59:00")).toString()).toContain("2026-12-01T03:00:00");
  expect(inAnHour(ZONE, at("01:59:30")).toString()).toContain("2026-12-01T03:00:00");
  expect(inAnHour(ZONE, at("01:56:00")).toString()).toContain("2026-12-01T03:00:00");
  expect(inAnHour(ZONE, at("01:55:00")).toString()).toContain("2026-12-01T02:55:00");
  expect(tomorrowAtNine(ZONE, at("23:10:00")).toString()).toContain("2026-12-02T09:00:00");
});

test("a time that is over is no time to schedule for", () => {
  const laterAt = at("09:00:00").toString();
  expect([isOver(laterAt, Date.UTC(2026, 11, 1, 7, 59)), isOver(laterAt, Date.UTC(2026, 11, 1, 8, 1))]).toEqual([
    false,
    true,
  ]);
});

test("a day of the address is nine o'clock there, or the next full hour of today; an instant is that instant", () => {
  const now = parseAbsolute("2026-11-27T12:20:00Z", "Europe/Berlin"); // 13:20
  const start = (at: string) => startingAt(at, "Europe/Berlin", now)?.toAbsoluteString();
  expect(start("2026-12-24")).toBe("2026-12-24T08:00:00.000Z");
  expect(start("2026-11-27")).toBe("2026-11-27T13:00:00.000Z");
  expect(start("2026-11-27T13:30Z")).toBe("2026-11-27T13:30:00.000Z");
  expect([start("2026-11-26"), start("2026-11-27T12:00Z"), start("2026-13-45")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  const late = parseAbsolute("2026-11-27T22:50:00Z", "Europe/Berlin"); // 23:50
  expect(startingAt("2026-11-27", "Europe/Berlin", late)).toBeNull();
});

test("a year that is being typed is an instant, too", () => {
  expect(dueAt("0002-12-03T18:30:00+09:18:59[Asia/Tokyo]").toISOString()).toBe("0002-12-03T09:12:00.000Z");
  expect(dueAt("2026-12-03T18:30:00+09:00[Asia/Tokyo]").toISOString()).toBe("2026-12-03T09:30:00.000Z");
});

import { parseZonedDateTime } from "@internationalized/date";
import { expect, test } from "vitest";
import { inAnHour, isOver, nextHour, tomorrowAtNine } from "./times";

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

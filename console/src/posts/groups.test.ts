import { CalendarDate } from "@internationalized/date";
import type { FoundPost, Waiting } from "presswork-client";
import { expect, test } from "vitest";
import { dayCount, dayName, daysOf } from "./days";
import { jointState, type Row, stateOf } from "./groups";

const WAITING: Waiting = { reason: "rate_limit", until: null, behind: null };
const post = (status: string, waiting: Waiting | null = null) =>
  ({ status, waiting, gateStatus: null, lastError: null }) as unknown as FoundPost;
const row = (scheduledFor: string) => ({ id: scheduledFor, scheduledFor, posts: [] }) as unknown as Row;

test("rows are by the days of the zone, in their order", () => {
  const rows = ["2026-12-01T22:30:00Z", "2026-12-01T23:00:00Z", "2026-12-02T10:00:00Z"].map(row);
  const days = daysOf(rows, "Europe/Berlin");
  expect(days.map(({ date, rows: some }) => [date.toString(), some.length])).toEqual([
    ["2026-12-01", 1],
    ["2026-12-02", 2],
  ]);
});

test("a day has a name, and its number of posts", () => {
  const today = new CalendarDate(2026, 12, 31);
  expect(dayName(today, today)).toBe("Today · Thu 31 December");
  expect(dayName(new CalendarDate(2027, 1, 1), today)).toBe("Tomorrow · Fri 1 January 2027");
  expect(dayName(new CalendarDate(2026, 12, 24), today)).toBe("Thu 24 December");
  expect(dayCount(1, today, today, true)).toBe("1 goes out");
  expect(dayCount(5064, today.add({ days: 1 }), today, true)).toBe("5,064 go out");
  expect(dayCount(2, today.subtract({ days: 1 }), today, true)).toBe("2 were due");
  expect(dayCount(1, today, today, false)).toBe("1 post");
});

test("several posts have one state: what is wrong with some, or else all", () => {
  const queued = Array.from({ length: 7 }, () => post("queued"));
  expect(jointState(queued)).toEqual({ text: "7 queued", tone: "info" });
  expect(jointState([post("queued", WAITING), ...queued])).toEqual({ text: "1 waits: limit reached", tone: "warn" });
  expect(jointState([post("queued", WAITING), post("queued", WAITING)]).text).toBe("2 wait: limit reached");
  expect(jointState([post("published"), post("failed"), post("queued", WAITING)])).toEqual({
    text: "1 failed",
    tone: "bad",
  });
  expect(jointState([post("published"), post("canceled")]).text).toBe("1 published, 1 canceled");
  expect(stateOf({ ...post("queued"), gateStatus: "blocked_on_approval" }).text).toBe("waits for approval");
});

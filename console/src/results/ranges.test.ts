import { expect, test } from "vitest";
import { resultsSearchOf } from "../screens/results/search";
import { spanBefore, spanOf } from "./ranges";

const BERLIN = "Europe/Berlin";
const NOON = new Date("2026-11-03T12:00:00Z");

test("a range ends with today, in the zone of the project, also across a change of the clocks", () => {
  const span = spanOf({ range: "28" }, NOON, BERLIN);
  expect([span.since, span.until, span.days.length]).toEqual([
    "2026-10-06T22:00:00.000Z",
    "2026-11-03T22:59:59.999Z",
    28,
  ]);
});

test("the time before is as long, and ends where the range begins", () => {
  const span = spanOf({ range: "7" }, NOON, BERLIN);
  const before = spanBefore(span, BERLIN);
  expect(before.days.map(String).at(0)).toBe("2026-10-21");
  expect(new Date(before.until).getTime() + 1).toBe(new Date(span.since).getTime());
  expect(before.days).toHaveLength(7);
});

test("an own range has the days that the address names; one that it can't mean is the default", () => {
  const own = { range: "own", since: "2026-10-01", until: "2026-10-31" };
  expect(spanOf(resultsSearchOf(own), NOON, BERLIN).days.map(String).at(-1)).toBe("2026-10-31");
  const wrong = [{ ...own, until: "2026-09-01" }, { ...own, since: "2026-02-30" }, { range: "own" }, { range: "8" }];
  expect(wrong.map((search) => spanOf(resultsSearchOf(search), NOON, BERLIN).days.length)).toEqual([28, 28, 28, 28]);
});

test("an own range has at most as many days as the API sums up", () => {
  const span = spanOf(resultsSearchOf({ range: "own", since: "2020-01-01", until: "2026-10-31" }), NOON, BERLIN);
  expect([span.days.length, span.days.at(-1)?.toString()]).toEqual([366, "2026-10-31"]);
});

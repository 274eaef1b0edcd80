import { parseAbsolute } from "@internationalized/date";
import { expect, test } from "vitest";
import { datesOf, fieldsOf, firstRule, isComplete, type RuleFields, ruleParam, ruleSentence } from "./rule";

const BERLIN = "Europe/Berlin";
const now = parseAbsolute("2026-03-24T12:00:00Z", BERLIN); // a Tuesday
const weekly: RuleFields = { ...firstRule(BERLIN, now), weekdays: ["mon", "thu"], every: 2 };
const days = (rule: RuleFields, most: number) => datesOf(rule, BERLIN, most, now).map((date) => date.toISOString());

test("weeks are counted from that of the first date, which is ahead", () => {
  expect(days(weekly, 3)).toEqual(["2026-03-26T08:00:00.000Z", "2026-04-06T07:00:00.000Z", "2026-04-09T07:00:00.000Z"]);
  expect(days({ ...weekly, weekdays: ["mon"] }, 2)).toEqual(["2026-03-30T07:00:00.000Z", "2026-04-13T07:00:00.000Z"]);
  expect(days({ ...weekly, weekdays: ["tue"], time: "12:00" }, 1)).toEqual(["2026-03-31T10:00:00.000Z"]);
});

test("a month that is shorter has its last day, and a skipped time the first one after the gap", () => {
  const monthly: RuleFields = { ...weekly, unit: "month", every: 1, monthDay: 31 };
  expect(days(monthly, 2)).toEqual(["2026-03-31T07:00:00.000Z", "2026-04-30T07:00:00.000Z"]);
  const daily: RuleFields = { ...weekly, unit: "day", every: 1, time: "02:30" };
  expect(days(daily, 5).at(-1)).toBe("2026-03-29T01:00:00.000Z");
});

test("it ends after a day, or after a number of times", () => {
  const until: RuleFields = { ...weekly, end: "until", until: "2026-04-06" };
  expect(days(until, 9)).toHaveLength(2);
  expect(ruleParam(until, BERLIN).until).toBe("2026-04-06T21:59:59.999Z");
  expect(days({ ...weekly, end: "count", count: 1 }, 9)).toHaveLength(1);
});

test("a rule is said in words", () => {
  expect(ruleSentence(weekly)).toBe("Every 2 weeks on Mon and Thu at 09:00");
  expect(ruleSentence({ ...weekly, unit: "month", every: 1, monthDay: 3, end: "until", until: "2026-12-24" })).toBe(
    "Every month on the 3rd at 09:00, until 24 December 2026",
  );
});

test("a rule comes back from the API as it was sent, and an incomplete one leads to no date", () => {
  const rule: RuleFields = { ...weekly, end: "until", until: "2026-04-06" };
  const { rule: sent, time, until } = ruleParam(rule, BERLIN);
  const back = fieldsOf({ rule: sent, time, until: until ?? null, count: null }, BERLIN);
  expect(ruleSentence(back)).toBe(ruleSentence(rule));
  expect(isComplete({ ...rule, weekdays: [] })).toBe(false);
  expect(days({ ...rule, time: "" }, 2)).toEqual([]);
});

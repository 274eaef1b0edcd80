import { expect, test } from "vitest";
import { frequencyOf, withoutSlot, withTime } from "./slots";

test("a time is added to each day once, in the order of a week", () => {
  const some = withTime([{ weekday: "sun", time: "09:00" }], "sat", "18:00");
  expect(withTime(some, "weekend", "09:00")).toEqual([
    { weekday: "sat", time: "09:00" },
    { weekday: "sat", time: "18:00" },
    { weekday: "sun", time: "09:00" },
  ]);
  expect(withTime([], "workdays", "08:30").map(({ weekday }) => weekday)).toEqual(["mon", "tue", "wed", "thu", "fri"]);
});

test("a time is taken from one day alone", () => {
  const all = withTime([], "every", "09:00");
  expect(withoutSlot(all, { weekday: "wed", time: "09:00" })).toHaveLength(6);
  expect(frequencyOf(all)).toBe("7 times a week");
});

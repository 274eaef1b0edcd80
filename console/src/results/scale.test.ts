import { expect, test } from "vitest";
import { labelsOf, nearestTo, stretchesOf, ticksOf } from "./scale";

const same = (value: number) => value;
const points = (...values: readonly (number | null)[]) => values.map((value, at) => ({ at, value }));

test("ticks are round whole numbers around all values", () => {
  expect(ticksOf([0, 1], true)).toEqual([0, 1]);
  expect(ticksOf([3, 370], true)).toEqual([0, 100, 200, 300, 400]);
  expect(ticksOf([5_210, 5_333], false)).toEqual([5200, 5250, 5300, 5350]);
  expect(ticksOf([], true)).toEqual([0, 1]);
  expect(ticksOf([7, 7], false)).toEqual([7, 8]);
});

test("what is not known between two values is a gap, and at the ends nothing", () => {
  expect(stretchesOf(points(null, 1, 2, null, null, 3, null), same, same)).toEqual([
    {
      isGap: false,
      points: [
        [1, 1],
        [2, 2],
      ],
    },
    {
      isGap: true,
      points: [
        [2, 2],
        [5, 3],
      ],
    },
    { isGap: false, points: [[5, 3]] },
  ]);
  expect(stretchesOf(points(null, null), same, same)).toEqual([]);
});

test("labels have room, and the first and the last are among them", () => {
  const days = points(...Array(28).fill(1));
  const at = (place: number) => place * 10;
  expect(labelsOf(days, at, 80)).toEqual([0, 12, 27]);
  expect(labelsOf(days, at, 1000)).toEqual([0, 27]);
  expect(labelsOf(points(1), at, 80)).toEqual([0]);
  expect(labelsOf([], at, 80)).toEqual([]);
  const close = [0, 1, 2, 3, 27].map((place) => ({ at: place, value: 1 }));
  expect(labelsOf(close, at, 80)).toEqual([0, 27]);
});

test("a pointer finds the nearest point", () => {
  expect(nearestTo(2.4, points(1, 2, 3, 4))?.at).toBe(2);
  expect(nearestTo(2, [])).toBeUndefined();
});

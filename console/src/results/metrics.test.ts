import { expect, test } from "vitest";
import { changeOf, durationText, firstKnown, metricOf, metricText, totalOf } from "./metrics";
import { missingGroups } from "./reasons";

test("a number that is not known is a dash, and 0 is 0", () => {
  expect(metricText("views", null)).toBe("–");
  expect(metricText("views", undefined)).toBe("–");
  expect(metricText("views", 0)).toBe("0");
  expect(metricText("views", 12_040)).toBe("12,040");
});

test("durations have their two largest units", () => {
  expect([7.46, 59.9, 245, 3600, 12_000, 180_000].map(durationText)).toEqual([
    "7.5 s",
    "59.9 s",
    "4 min 5 s",
    "1 h",
    "3 h 20 min",
    "2 d 2 h",
  ]);
});

test("a total is that of what is known; averages have none", () => {
  const rows = [
    { metrics: { views: 3, averageWatchSeconds: 2 } },
    { metrics: { views: null } },
    { metrics: { views: 4 } },
  ];
  expect(totalOf("views", rows)).toBe(7);
  expect(totalOf("likes", rows)).toBeNull();
  expect(totalOf("averageWatchSeconds", rows)).toBeNull();
});

test("a change is known where both numbers are, and the one before is not 0", () => {
  expect(changeOf(112, 100)).toEqual({ text: "+12 %", isUp: true, isDown: false });
  expect(changeOf(40, 80)).toEqual({ text: "−50 %", isUp: false, isDown: true });
  expect(changeOf(0, 80)?.text).toBe("−100 %");
  expect(changeOf(1001, 1000)?.text).toBe("no change");
  expect([changeOf(null, 5), changeOf(5, null), changeOf(5, 0)]).toEqual([null, null, null]);
});

test("an address names a metric; without one, the first that is known is shown", () => {
  expect([metricOf("saves"), metricOf("money"), metricOf(undefined)]).toEqual(["saves", undefined, undefined]);
  expect(firstKnown([{ metrics: { views: null, saves: 1 } }, { metrics: { likes: 0 } }])).toBe("likes");
  expect(firstKnown([{ metrics: { views: null } }])).toBe("views");
});

test("reasons are sentences, each once, and what a person can change comes first", () => {
  const groups = missingGroups(
    [
      { metric: "clicks", reason: "not_offered" },
      { metric: "reach", reason: "not_granted", permissions: ["insights"] },
      { metric: "saves", reason: "not_granted", permissions: ["insights"] },
      { metric: "watchSeconds", reason: "not_granted" },
    ],
    "Instagram",
  );
  expect(groups.map(({ names, permissions }) => [names, permissions])).toEqual([
    ["Reach, saves and watch time", ["insights"]],
    ["Clicks", []],
  ]);
  expect(groups[0]?.sentence).toContain("permission");
});

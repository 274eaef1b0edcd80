import { CalendarDate, parseDateTime } from "@internationalized/date";
import { describe, expect, test } from "vitest";
import {
  anchorOf,
  atOf,
  composeAt,
  hoursSpan,
  instantName,
  isSkipped,
  landing,
  landingOf,
  landingSentence,
  spanOf,
  steppedFocus,
  steppedTarget,
  titleOf,
  turned,
  weeksOf,
} from "./dates";

const BERLIN = "Europe/Berlin";
const NEW_YORK = "America/New_York";
const LORD_HOWE = "Australia/Lord_Howe";
const NOW = new Date("2026-11-27T12:00:00Z");

function day(text: string): CalendarDate {
  const { year, month, day: date } = parseDateTime(`${text}T00:00`);
  return new CalendarDate(year, month, date);
}

describe("a local time becomes an instant", () => {
  test.each([
    // 29 March 2026: 02:00 → 03:00 in Berlin
    [BERLIN, "2026-03-28T09:30", "2026-03-28T08:30:00.000Z", "once"],
    [BERLIN, "2026-03-29T09:30", "2026-03-29T07:30:00.000Z", "once"],
    [BERLIN, "2026-03-29T01:59", "2026-03-29T00:59:00.000Z", "once"],
    [BERLIN, "2026-03-29T02:00", "2026-03-29T01:00:00.000Z", "never"],
    [BERLIN, "2026-03-29T02:30", "2026-03-29T01:00:00.000Z", "never"],
    [BERLIN, "2026-03-29T02:59:59.500", "2026-03-29T01:00:00.000Z", "never"],
    [BERLIN, "2026-03-29T03:00", "2026-03-29T01:00:00.000Z", "once"],
    // 25 October 2026: 03:00 → 02:00
    [BERLIN, "2026-10-25T02:30", "2026-10-25T00:30:00.000Z", "twice"],
    [BERLIN, "2026-10-25T03:00", "2026-10-25T02:00:00.000Z", "once"],
    // 8 March and 1 November 2026
    [NEW_YORK, "2026-03-08T02:30", "2026-03-08T07:00:00.000Z", "never"],
    [NEW_YORK, "2026-11-01T01:30", "2026-11-01T05:30:00.000Z", "twice"],
    // Half an hour: 4 October 2026, 02:00 → 02:30; 5 April 2026, 02:00 → 01:30
    [LORD_HOWE, "2026-10-04T02:10", "2026-10-03T15:30:00.000Z", "never"],
    [LORD_HOWE, "2026-10-04T02:30", "2026-10-03T15:30:00.000Z", "once"],
    [LORD_HOWE, "2026-04-05T01:45", "2026-04-04T14:45:00.000Z", "twice"],
    // A day that never was
    ["Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00.000Z", "never"],
  ])("%s %s is %s, shown %s", (zone, local, instant, shown) => {
    const found = landing(parseDateTime(local), zone);
    expect([found.instant.toISOString(), found.shown]).toEqual([instant, shown]);
  });
});

describe("a post that is dropped", () => {
  const land = (from: string, to: string, zone: string, minute?: number) =>
    landingOf(from, { day: to, minute }, zone).instant.toISOString();

  test.each([
    [BERLIN, "2026-03-28T08:30:12.345Z", "2026-03-30", "2026-03-30T07:30:12.345Z"],
    [BERLIN, "2026-10-26T08:30:00.000Z", "2026-10-24", "2026-10-24T07:30:00.000Z"],
    [NEW_YORK, "2026-03-07T14:30:00.000Z", "2026-03-08", "2026-03-08T13:30:00.000Z"],
    [NEW_YORK, "2026-10-31T03:30:00.000Z", "2026-11-02", "2026-11-03T04:30:00.000Z"],
    [LORD_HOWE, "2026-10-03T01:00:00.000Z", "2026-10-04", "2026-10-04T00:30:00.000Z"],
  ])("keeps its time of day in %s", (zone, from, to, expected) => {
    expect(land(from, to, zone)).toBe(expected);
  });

  test("goes to the first instant after a gap", () => {
    expect(land("2026-03-28T01:30:45.000Z", "2026-03-29", BERLIN)).toBe("2026-03-29T01:00:00.000Z");
  });

  test("stays where it is on its own day, also in the second of two hours", () => {
    expect(land("2026-10-25T01:30:00.000Z", "2026-10-25", BERLIN)).toBe("2026-10-25T01:30:00.000Z");
  });

  test("takes the time of a slot", () => {
    expect(land("2026-10-24T07:30:00.000Z", "2026-10-25", BERLIN, 2 * 60 + 15)).toBe("2026-10-25T00:15:00.000Z");
  });

  test("is named in a sentence", () => {
    const name = (to: string) => landingSentence(landingOf("2026-03-20T01:30:00.000Z", { day: to }, BERLIN), BERLIN);
    expect(name("2026-03-28")).toBe("Sat 28 Mar 2026, 02:30, Europe/Berlin");
    expect(name("2026-03-29")).toBe("Sun 29 Mar 2026, 03:00, Europe/Berlin. The clocks skip 02:30 on this day.");
    expect(name("2026-10-25")).toContain("twice");
    expect(instantName(NOW, "Asia/Tokyo")).toBe("Fri 27 Nov 2026, 21:00, Asia/Tokyo");
  });
});

describe("pages", () => {
  const bounds = (at: string, locale: string) => {
    const weeks = weeksOf("month", anchorOf("month", at, BERLIN, NOW), locale);
    return [weeks.length, String(weeks[0]?.[0]), String(weeks.at(-1)?.[6])];
  };

  test("weeks begin on Monday or Sunday", () => {
    expect(bounds("2026-11", "en-GB")).toEqual([6, "2026-10-26", "2026-12-06"]);
    expect(bounds("2026-11", "en-US")).toEqual([5, "2026-11-01", "2026-12-05"]);
    expect(bounds("2027-02", "de")).toEqual([4, "2027-02-01", "2027-02-28"]);
    expect(bounds("2026-02", "en-US")).toEqual([4, "2026-02-01", "2026-02-28"]);
  });

  test("what is no date is the present one, in the zone", () => {
    for (const at of [undefined, "2026-13", "2026-02-30"]) {
      expect(String(anchorOf("month", at, "Asia/Tokyo", new Date("2026-11-27T16:00:00Z")))).toBe("2026-11-28");
    }
  });

  test("the present month opens as the present week, another one as its first", () => {
    expect(String(anchorOf("week", "2026-11", BERLIN, NOW))).toBe("2026-11-27");
    expect(String(anchorOf("week", "2026-12", BERLIN, NOW))).toBe("2026-12-01");
  });

  test("turning a page stays in the shorter month", () => {
    expect(String(turned("month", day("2027-01-31"), 1))).toBe("2027-02-28");
    expect(atOf("week", turned("week", day("2026-12-30"), 1), "en-GB")).toBe("2027-01-04");
  });

  test.each([
    ["month", "2026-11-27", "November 2026"],
    ["week", "2026-11-25", "23 – 29 Nov 2026"],
    ["week", "2026-12-01", "30 Nov – 6 Dec 2026"],
    ["week", "2026-12-31", "28 Dec 2026 – 3 Jan 2027"],
  ] as const)("the title of a %s with %s is %s", (view, date, title) => {
    expect(titleOf(view, day(date), weeksOf(view, day(date), "en-GB"))).toBe(title);
  });
});

describe("spans", () => {
  const hours = ({ since, until }: { since: string; until: string }) =>
    (Date.parse(until) + 1 - Date.parse(since)) / 3_600_000;

  test.each([
    [BERLIN, "2026-03-29", 23],
    [BERLIN, "2026-10-25", 25],
    [NEW_YORK, "2026-11-01", 25],
    [LORD_HOWE, "2026-10-04", 23.5],
    ["America/Havana", "2026-03-08", 23], // 00:00 → 01:00
  ])("in %s, %s has %d hours", (zone, date, count) => {
    expect(hours(spanOf(day(date), day(date), zone))).toBe(count);
  });

  test("the parts of a day are the whole day, and skipped hours have no time", () => {
    const change = day("2026-03-29");
    const parts = [0, 6, 12, 18].map((begin) => hours(hoursSpan(change, begin, begin + 6, BERLIN)));
    expect(parts).toEqual([5, 6, 6, 6]);
    expect(hours(hoursSpan(change, 2, 3, BERLIN))).toBe(0);
    expect(hours(hoursSpan(day("2026-10-25"), 2, 3, BERLIN))).toBe(2);
  });

  test("an hour is skipped if the clocks show none of its minutes", () => {
    expect(isSkipped(day("2026-03-29"), 2, BERLIN)).toBe(true);
    expect(isSkipped(day("2026-03-29"), 3, BERLIN)).toBe(false);
    expect(isSkipped(day("2026-10-04"), 2, LORD_HOWE)).toBe(false);
  });
});

describe("keys", () => {
  test.each([
    ["ArrowLeft", "2026-12-01", "2026-11-30"],
    ["ArrowDown", "2026-12-29", "2027-01-05"],
    ["PageDown", "2027-01-31", "2027-02-28"],
    ["Home", "2026-11-27", "2026-11-23"],
    ["End", "2026-11-27", "2026-11-29"],
  ])("%s goes from %s to %s", (key, from, to) => {
    expect(steppedFocus(key, from, undefined, "en-GB")?.day).toBe(to);
  });

  test("in a week, they go by hours and weeks", () => {
    expect(steppedFocus("ArrowUp", "2026-11-27", 0, "en-GB")).toEqual({ day: "2026-11-27", hour: 0 });
    expect(steppedFocus("PageUp", "2026-11-27", 9, "en-GB")).toEqual({ day: "2026-11-20", hour: 9 });
    expect(steppedFocus("x", "2026-11-27", 9, "en-GB")).toBeNull();
  });

  test.each([
    ["ArrowDown", 9 * 60 + 7, "2026-11-27", 9 * 60 + 15],
    ["ArrowUp", 9 * 60 + 7, "2026-11-27", 9 * 60],
    ["ArrowUp", 0, "2026-11-26", 23 * 60 + 45],
    ["ArrowDown", 23 * 60 + 50, "2026-11-28", 0],
    ["ArrowRight", 30, "2026-11-28", 30],
  ])("%s moves a post from minute %d to %s, minute %d", (key, minute, to, expected) => {
    expect(steppedTarget(key, { day: "2026-11-27", minute })).toEqual({ day: to, minute: expected });
  });

  test("in a month, a post goes by days", () => {
    expect(steppedTarget("ArrowUp", { day: "2026-03-03" })?.day).toBe("2026-02-24");
    expect(steppedTarget("PageDown", { day: "2026-03-31" })?.day).toBe("2026-04-30");
  });
});

test("a post begins on a day or at an hour that is not over, and in the present hour at its next quarter", () => {
  const at = (text: string, hour?: number) => composeAt({ day: text, hour }, BERLIN, NOW); // 13:00 in Berlin
  expect([at("2026-11-26"), at("2026-11-27"), at("2026-12-24")]).toEqual([null, "2026-11-27", "2026-12-24"]);
  expect([at("2026-11-27", 12), at("2026-11-27", 14)]).toEqual([null, "2026-11-27T13:00Z"]);
  expect(composeAt({ day: "2026-11-27", hour: 13 }, BERLIN, new Date("2026-11-27T12:20:00Z"))).toBe(
    "2026-11-27T12:30Z",
  );
  expect(at("2027-03-28", 2)).toBe("2027-03-28T01:00Z"); // the clocks skip this hour
});

import type { TimelineItem } from "presswork-client";
import { describe, expect, test } from "vitest";
import { lookUpOf, relativesOf } from "./lookUpOf";

const item = (event: TimelineItem["event"], message: string, detail: TimelineItem["detail"] = {}): TimelineItem => ({
  at: "2026-11-27T12:00:00.000Z",
  event,
  message,
  detail,
});

const ASKED = [item("going_live", "Asking."), item("reconciled", "The answer was lost.", { httpStatus: null })];

describe("what is looked up", () => {
  test("nothing before an answer is lost", () => {
    expect(lookUpOf(ASKED.slice(0, 1))).toBeNull();
  });

  test("whether the post is live, after an answer was lost", () => {
    expect(lookUpOf(ASKED)).toMatchObject({ why: "The answer was lost.", nextAt: null, latest: null });
  });

  test("the next time, and what was read last", () => {
    const items = [...ASKED, item("waiting", "Not there yet.", { nextAt: "2026-11-27T12:05:00.000Z" })];
    expect(lookUpOf(items)).toMatchObject({ latest: "Not there yet.", nextAt: "2026-11-27T12:05:00.000Z" });
  });

  test.each([
    ["not live, so it is repeated", item("reconciled", "It is not live.", { startsOver: false })],
    ["live", item("live", "It is live.")],
    ["given up", item("failed", "It is not known.")],
  ])("nothing once the platform has answered: %s", (_, answer) => {
    expect(lookUpOf([...ASKED, answer])).toBeNull();
  });
});

test("a post names the one before it, and the latest after it", () => {
  const items = [
    item("queued", "Again.", { republishOf: "sp_1" }),
    item("failed", "Failed."),
    item("failed", "Published again.", { republishedAs: "sp_3" }),
    item("failed", "Published again.", { republishedAs: "sp_4" }),
  ];
  expect(relativesOf(items)).toEqual({ formerId: "sp_1", laterId: "sp_4" });
  expect(relativesOf([])).toEqual({ formerId: undefined, laterId: undefined });
});

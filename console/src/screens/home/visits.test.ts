import { expect, test } from "vitest";
import { newSince, visitAt, visitOf } from "./visits";

const NOON = new Date("2026-11-27T12:00:00Z");
const minutes = (count: number) => new Date(NOON.getTime() + count * 60_000);

test("a first visit shows the last seven days", () => {
  const visit = visitAt(NOON, null);
  expect(visit.since).toBeUndefined();
  expect(newSince(visit).toISOString()).toBe("2026-11-20T12:00:00.000Z");
});

test("a reload continues the visit, a return after half an hour begins another", () => {
  const first = visitAt(NOON, null);
  const reloaded = visitAt(minutes(29), first);
  expect(reloaded).toEqual({ seenAt: minutes(29).toISOString() });
  const later = visitAt(minutes(60), reloaded);
  expect(later).toEqual({ seenAt: minutes(60).toISOString(), since: minutes(29).toISOString() });
  expect(visitAt(minutes(70), later).since).toBe(later.since);
});

test("what is stored is read with care", () => {
  const visit = visitAt(minutes(60), visitAt(NOON, null));
  expect(visitOf(JSON.stringify(visit))).toEqual(visit);
  for (const text of [null, "", "{", "3", "null", '{"seenAt": "soon"}', "[]"]) expect(visitOf(text)).toBeNull();
});

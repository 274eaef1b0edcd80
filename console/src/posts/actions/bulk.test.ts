import type { Bulk, ScheduledPost } from "presswork-client";
import { expect, test } from "vitest";
import { ordersOf, reportOf, undosOf } from "./bulk";
import { bulkOfText, textOfBulk } from "./ids";
import { type Move, movedTime } from "./moving";

const post = (id: string, scheduledFor: string) => ({ id, scheduledFor }) as ScheduledPost;
const POSTS = [post("sp_1", "2026-10-24T07:00:00Z"), post("sp_2", "2026-10-25T08:00:00Z")]; // clocks go back in between
const move = (to: Move, posts = POSTS) =>
  ordersOf("move", posts, ({ scheduledFor }) => movedTime(scheduledFor, to, "Europe/Berlin"));

test("one job moves the posts of each shift", () => {
  expect(move({ by: 2, unit: "hours", isEarlier: true })).toEqual([
    { action: "reschedule", ids: ["sp_1", "sp_2"], shiftSeconds: -7200 },
  ]);
  expect(move({ by: 1, unit: "days", isEarlier: false })).toEqual([
    { action: "reschedule", ids: ["sp_1"], shiftSeconds: 90_000 },
    { action: "reschedule", ids: ["sp_2"], shiftSeconds: 86_400 },
  ]);
});

test("posts are taken down with a reason, if there is one", () => {
  const now = () => new Date();
  const ids = ["sp_1", "sp_2"];
  expect(ordersOf("takeDown", POSTS, now, "Sold out")).toEqual([{ action: "take_down", ids, reason: "Sold out" }]);
  expect(ordersOf("takeDown", POSTS, now, "")).toEqual([{ action: "take_down", ids }]);
});

test("to one time is one job, too, which says the shift if all have the same", () => {
  const at = new Date("2026-11-01T00:00:00Z");
  expect(ordersOf("move", POSTS, () => at)).toEqual([
    { action: "reschedule", ids: ["sp_1", "sp_2"], scheduledFor: at },
  ]);
  const twins = [post("sp_1", "2026-10-31T00:00:00Z"), post("sp_2", "2026-10-31T00:00:00Z")];
  expect(ordersOf("move", twins, () => at)).toEqual([
    { action: "reschedule", ids: ["sp_1", "sp_2"], shiftSeconds: 86_400 },
  ]);
});

test("a call names 500 posts at most", () => {
  const many = Array.from({ length: 501 }, (_, number) => post(`sp_${number}`, "2026-10-24T07:00:00Z"));
  expect(ordersOf("cancel", many, () => new Date()).map(({ ids }) => ids?.length)).toEqual([500, 1]);
});

const bulk = (total: number, failed: readonly string[], done: readonly string[]): Bulk => ({
  id: "blk_1",
  status: "done",
  total,
  done: failed.length + done.length,
  failed: failed.length,
  items: [
    ...failed.map((postId) => ({ postId, ok: false, error: null })),
    ...done.map((postId) => ({ postId, ok: true, error: null })),
  ],
  nextCursor: null,
});

test("several jobs have one report, with the failed posts first", () => {
  expect(reportOf([bulk(1, [], ["sp_1"]), undefined])).toBeNull();
  const report = reportOf([bulk(1, [], ["sp_1"]), bulk(2, ["sp_2"], ["sp_3"])]);
  expect(report).toMatchObject({ isDone: true, total: 3, settled: 3, failed: 1 });
  expect(report?.items.map(({ postId }) => postId)).toEqual(["sp_2", "sp_1", "sp_3"]);
});

test("what was moved is moved back, if every job says how", () => {
  const [one, other] = [bulk(2, ["sp_1"], ["sp_2"]), bulk(1, [], ["sp_3"])];
  const jobs = [
    { id: "blk_1", shiftSeconds: 86_400 },
    { id: "blk_2", shiftSeconds: 90_000 },
  ];
  expect(undosOf(jobs, [one, other])).toEqual([
    { action: "reschedule", ids: ["sp_2"], shiftSeconds: -86_400 },
    { action: "reschedule", ids: ["sp_3"], shiftSeconds: -90_000 },
  ]);
  expect(undosOf([{ id: "blk_1", shiftSeconds: null }, ...jobs.slice(1)], [one, other])).toEqual([]);
  expect(undosOf(jobs.slice(0, 1), [bulk(501, [], ["sp_1"])])).toEqual([]); // not all are reported
});

test("a job is part of an address", () => {
  for (const job of [
    { id: "blk_0191f3a2-7c1e", shiftSeconds: -3600 },
    { id: "blk_0191f3a2-7c1e", shiftSeconds: null },
  ]) {
    expect(bulkOfText(textOfBulk(job))).toEqual(job);
  }
  expect(bulkOfText("sp_1")).toBeNull();
});

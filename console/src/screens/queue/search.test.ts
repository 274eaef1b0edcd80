import { expect, test } from "vitest";
import { filterOf } from "./filter";
import { queueSearchOf } from "./search";

const ZONE = "Europe/Berlin";

test("an address is read, and what it can't mean is left out", () => {
  const search = queueSearchOf({
    view: "done",
    by: "x",
    platform: "tiktok.myspace",
    selected: "sp_1.sp_2",
    act: "explode",
    since: "2026-12-32",
    jobs: "blk_1a~86400.blk_2b.prj_3",
    did: "undo",
  });
  expect(search).toEqual({
    view: "done",
    platform: "tiktok",
    selected: "sp_1.sp_2",
    jobs: "blk_1a~86400.blk_2b",
    did: "undo",
  });
});

test("a status filters within the view only", () => {
  expect(filterOf({ view: "done", status: "canceled" }, ZONE).status).toEqual(["canceled"]);
  expect(filterOf({ view: "upcoming", status: "canceled" }, ZONE).status).toEqual(["queued", "publishing"]);
});

test("several values of a filter", () => {
  expect(filterOf({ view: "failed", platform: "instagram.tiktok", project: "prj_1" }, ZONE)).toEqual({
    status: ["failed"],
    projectId: "prj_1",
    platform: ["instagram", "tiktok"],
  });
});

test("what became of posts afterwards filters those that are done only", () => {
  const search = queueSearchOf({ view: "done", live: "taken_down.not_taken_down.x" });
  expect(search.live).toBe("taken_down.not_taken_down");
  expect(filterOf(search, ZONE).liveStatus).toEqual(["taken_down", "take_down_failed", "not_supported"]);
  expect(filterOf({ ...search, view: "failed" }, ZONE).liveStatus).toBeUndefined();
});

test("a list begins with a day of the zone, at its end if the list goes back in time", () => {
  const day = { since: "2026-10-25" }; // of 25 hours
  expect(filterOf({ ...day, view: "upcoming" }, ZONE).since).toBe("2026-10-24T22:00:00.000Z");
  expect(filterOf({ ...day, view: "done" }, ZONE).until).toBe("2026-10-25T22:59:59.999Z");
});

import { expect, test } from "vitest";
import { filterOf, queueSearchOf } from "./search";

test("an address is read, and what it can't mean is left out", () => {
  const search = queueSearchOf({
    view: "done",
    by: "x",
    platform: "tiktok.myspace",
    selected: "sp_1.sp_2",
    act: "explode",
  });
  expect(search).toEqual({ view: "done", platform: "tiktok", selected: "sp_1.sp_2" });
});

test("a status filters within the view only", () => {
  expect(filterOf({ view: "done", status: "canceled" }).status).toEqual(["canceled"]);
  expect(filterOf({ view: "upcoming", status: "canceled" }).status).toEqual(["queued", "publishing"]);
});

test("several values of a filter", () => {
  expect(filterOf({ view: "failed", platform: "instagram.tiktok", project: "prj_1" })).toEqual({
    status: ["failed"],
    order: "desc",
    projectId: "prj_1",
    platform: ["instagram", "tiktok"],
  });
});

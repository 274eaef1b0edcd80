import { expect, test } from "vitest";
import { type Draft, emptyDraft, newTarget, reduce, type TargetDraft } from "./draft";
import type { Finding } from "./findings";
import { differs, tabsOf } from "./networks";

const draft: Draft = {
  ...emptyDraft("prj_1"),
  caption: "For everyone",
  targets: [newTarget("sa_1", "instagram"), newTarget("sa_2", "instagram"), newTarget("sa_3", "tiktok")],
};
const captions = ({ targets }: Pick<Draft, "targets">) => targets.map(({ caption }) => caption);

test("what is changed in a network's tab is that of its accounts, until it is the same as everyone again", () => {
  const own = reduce(draft, { type: "network", platform: "instagram", change: { caption: "Square" } });
  expect(captions(own)).toEqual(["Square", "Square", null]);
  expect(tabsOf(own, []).map(({ id, differs: isOwn }) => [id, isOwn])).toEqual([
    ["everyone", false],
    ["instagram", true],
    ["tiktok", false],
  ]);
  expect(captions(reduce(own, { type: "as everyone", platform: "instagram" }))).toEqual([null, null, null]);
});

test("an account that is set apart keeps what it has, and comes back to its network", () => {
  const apart = reduce(draft, { type: "apart", socialAccountId: "sa_2", isApart: true });
  const own = reduce(apart, { type: "target", socialAccountId: "sa_2", change: { caption: "Mine" } });
  const both = reduce(own, { type: "network", platform: "instagram", change: { caption: "Square" } });
  expect(captions(both)).toEqual(["Square", "Mine", null]);
  const back = reduce(both, { type: "apart", socialAccountId: "sa_2", isApart: false });
  expect(captions(back)).toEqual(["Square", "Square", null]);
  const alone = reduce(both, { type: "remove target", socialAccountId: "sa_1" });
  expect(alone.targets[0]).toMatchObject({ isApart: false, caption: "Mine" });
});

test("an account that is added gets what its network has, and keeps its mode", () => {
  const change = { caption: "Square", options: { topicTag: "Bread" } };
  const own = reduce(draft, { type: "network", platform: "instagram", change });
  const added = reduce(own, { type: "add target", target: newTarget("sa_4", "instagram", "draft") });
  expect(added.targets.at(-1)).toMatchObject({ socialAccountId: "sa_4", mode: "draft", ...change });
});

test("playlists are those of one channel", () => {
  const targets = [newTarget("sa_1", "youtube"), newTarget("sa_2", "youtube")];
  const youtube = { ...newTarget("", "youtube").youtube, thumbnailMs: 500, playlistIds: ["PL1"] };
  const after = reduce({ ...draft, targets }, { type: "network", platform: "youtube", change: { youtube } }).targets;
  expect(after.map((one) => [one.youtube.thumbnailMs, one.youtube.playlistIds])).toEqual([
    [500, ["PL1"]],
    [500, []],
  ]);
});

test("a board is that of one account, and no difference", () => {
  const targets = [newTarget("sa_1", "pinterest"), newTarget("sa_2", "pinterest")];
  const options = { title: "Rye", boardId: "1" };
  const after = reduce({ ...draft, targets }, { type: "network", platform: "pinterest", change: { options } }).targets;
  expect(after.map((one) => one.options)).toEqual([options, { title: "Rye" }]);
  const same = reduce({ ...draft, targets: after }, { type: "as everyone", platform: "pinterest" }).targets;
  expect(same.map((one) => one.options)).toEqual([{ boardId: "1" }, {}]);
  expect(same.map(differs)).toEqual([false, false]);
});

test("what TikTok demands of a person is no difference, and stays when the rest is the same as everyone again", () => {
  const target = newTarget("sa_3", "tiktok");
  const answered: TargetDraft = { ...target, tiktok: { ...target.tiktok, privacyLevel: "SELF_ONLY" } };
  expect(differs(answered)).toBe(false);
  const titled = { ...answered, tiktok: { ...answered.tiktok, title: "Rye" } };
  expect(differs(titled)).toBe(true);
  const same = reduce({ ...draft, targets: [titled] }, { type: "as everyone", platform: "tiktok" }).targets;
  expect(same).toEqual([answered]);
});

test("one network has no tabs, and a problem is at the tab in which it is fixed", () => {
  expect(tabsOf({ ...draft, targets: draft.targets.slice(0, 2) }, [])).toEqual([]);
  const problem = (field: Finding["field"]): Finding => ({ isError: true, message: "No.", field, accounts: [] });
  const marked = (field: Finding["field"]) =>
    tabsOf(draft, [problem(field)]).flatMap(({ id, hasProblem }) => (hasProblem ? [id] : []));
  expect(marked("caption")).toEqual(["everyone"]);
  expect(marked({ socialAccountId: "sa_3", part: "privacy" })).toEqual(["tiktok"]);
});

import { expect, test } from "vitest";
import { NO_LINK } from "../../content/links";
import { isLinkChanged } from "./call";
import { type Draft, type DraftFile, emptyDraft, isStory, joined, kindOf, newTarget, reduce } from "./draft";
import { groupingProblem } from "./findings";

const file = (id: string, contentType = "image/jpeg") => ({ id, contentType, altText: id, isSent: true }) as DraftFile;
const draft: Draft = { ...emptyDraft("prj_1"), containerId: "cnt_1", files: [file("a"), file("b"), file("c")] };

test("another order or number of files needs another container; their texts stay with them", () => {
  const ordered = reduce(draft, { type: "order files", ids: ["c", "a", "b"] });
  expect(ordered.containerId).toBeNull();
  expect(ordered.files.map(({ altText, isSent }) => [altText, isSent])).toEqual([
    ["c", false],
    ["a", false],
    ["b", false],
  ]);
  expect(reduce(draft, { type: "remove file", id: "b" }).containerId).toBeNull();
});

test("the answer about files that were replaced meanwhile is ignored", () => {
  expect(reduce(draft, { type: "completed", containerId: "cnt_0", media: [] })).toBe(draft);
});

test("an account is chosen once, and another project has other accounts", () => {
  const target = newTarget("sa_1", "instagram");
  const chosen = reduce(draft, { type: "add target", target });
  expect(reduce(chosen, { type: "add target", target }).targets).toHaveLength(1);
  expect(reduce(chosen, { type: "project", projectId: "prj_2" })).toMatchObject({ targets: [], containerId: null });
});

test("a draft without files is a text as soon as it has one or a link, and files are what they are", () => {
  const link = { ...NO_LINK, url: "example.com" };
  const empty = { files: [], caption: " ", parts: [], link: NO_LINK };
  expect([kindOf(empty), kindOf({ ...empty, caption: "Rye" }), kindOf({ ...empty, link })]).toEqual([
    null,
    "text",
    "text",
  ]);
  expect([kindOf({ ...empty, caption: "Rye", parts: ["", " "] }), kindOf({ ...empty, parts: ["", "Rye"] })]).toEqual([
    null,
    "text",
  ]);
  expect(kindOf({ files: [file("a")], caption: "Rye", parts: [], link })).toBe("image");
});

test("a text that was saved keeps its container until files come", () => {
  const link = { ...NO_LINK, url: "example.com" };
  const text = { ...emptyDraft("prj_1"), caption: "Rye", link };
  const saved = reduce(text, { type: "saved", containerId: "cnt_1", link });
  expect([saved.containerId, isLinkChanged(saved)]).toEqual(["cnt_1", false]);
  expect(isLinkChanged(reduce(saved, { type: "link", change: { title: "Menu" } }))).toBe(true);
  expect(reduce(saved, { type: "add files", files: [file("a")] })).toMatchObject({
    containerId: null,
    savedLink: null,
  });
  expect(reduce(draft, { type: "saved", containerId: "cnt_2", link })).toBe(draft);
});

test("a thread is other content than a single post", () => {
  const text = { ...emptyDraft("prj_1"), caption: "Rye", containerId: "cnt_1" };
  const thread = reduce(text, { type: "parts", parts: ["Rye", ""] });
  expect([thread.containerId, thread.parts]).toEqual([null, ["Rye", ""]]);
  const saved = { ...thread, containerId: "cnt_2" };
  expect(reduce(saved, { type: "parts", parts: ["Rye", "Spelt"] }).containerId).toBe("cnt_2");
  expect(reduce(saved, { type: "parts", parts: [] }).containerId).toBeNull();
  expect(joined(["Rye", " ", "Spelt"])).toBe("Rye\n\nSpelt");
});

test("a PDF stands alone, and there are limits", () => {
  const files = (...types: string[]) => groupingProblem({ files: types.map((type, at) => file(String(at), type)) });
  expect(files("video/mp4")).toBeNull();
  expect(files("image/png", "image/webp")).toBeNull();
  expect(files("image/png", "video/mp4", "video/mp4")).toBeNull();
  expect(files("image/png", "application/pdf")).toContain("A PDF is a post of its own.");
  expect(files("video/mp4", ...Array<string>(20).fill("image/png"))).toContain(
    "up to 20 pictures and videos. Remove 1.",
  );
  expect(files(...Array<string>(36).fill("image/png"))).toContain("Remove 1");
});

test("a story has one picture; with two, it is a post in the feed", () => {
  const target = newTarget("sa_1", "instagram");
  const story = { ...target, instagram: { ...target.instagram, isStory: true } };
  expect([isStory(story, "image"), isStory(story, "multi"), isStory(target, "image")]).toEqual([true, false, false]);
});

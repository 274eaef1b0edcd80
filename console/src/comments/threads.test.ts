import type { Comment } from "presswork-client";
import { expect, test } from "vitest";
import { threadsOf } from "./threads";

const comment = (id: string, parentId: string | null = null) => ({ id, parentId }) as Comment;

const shape = (comments: readonly Comment[]) =>
  threadsOf(comments).map(({ comment: { id }, replies }) => [id, ...replies.map((one) => one.id)].join(" "));

test("comments are threads, with answers to answers in the same one", () => {
  const rows = [comment("a"), comment("b", "a"), comment("c", "b"), comment("d"), comment("e", "a")];
  expect(shape(rows)).toEqual(["a b c e", "d"]);
});

test("a comment whose parent was not read begins a thread, also before its parent comes", () => {
  expect(shape([comment("b", "gone"), comment("c", "b")])).toEqual(["b c"]);
  expect(shape([comment("b", "a"), comment("a")])).toEqual(["a b"]);
});

test("parents in a circle end somewhere", () => {
  expect(shape([comment("a", "b"), comment("b", "a")]).join(" ")).toContain("a");
});

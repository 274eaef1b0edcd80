import type { FoundPost } from "presswork-client";
import { describe, expect, test } from "vitest";
import { type Row, rowId } from "../../posts/groups";
import { countsAfter, lastMoves, movable, rowsAfter } from "./rows";

const [EARLY, LATE, NEXT] = ["2026-11-27T08:00:00.000Z", "2026-11-27T22:30:00.000Z", "2026-11-28T23:30:00.000Z"];
const isOn = (date: string) => (at: string) => at.startsWith(date);
const post = (id: string, scheduledFor: string, containerId = "bread") =>
  ({ id, scheduledFor, containerId, caption: containerId, account: {}, status: "queued" }) as FoundPost;
const row = (...posts: readonly FoundPost[]) => {
  const { containerId, scheduledFor } = posts[0] as FoundPost;
  return { id: rowId(containerId, scheduledFor), containerId, scheduledFor, posts } as Row;
};
const shown = (rows: readonly Row[]) => rows.map(({ posts }) => posts.map(({ id }) => id).join(" "));

describe("moves that the server does not show yet", () => {
  test("the day that posts leave loses them, the other one has them in order, and those of one content are one row", () => {
    const [one, two, other] = [post("a", EARLY), post("b", EARLY), post("c", LATE)];
    const rows = [row(one, two), row(other)];
    const moves = [one, two].map((each) => ({ post: each, to: NEXT }));
    expect(shown(rowsAfter(rows, moves, isOn("2026-11-27")))).toEqual(["c"]);
    const there = [row(post("z", "2026-11-28T23:59:00.000Z"))];
    expect(shown(rowsAfter(there, moves, isOn("2026-11-28")))).toEqual(["a b", "z"]);
  });

  test("one post that leaves its row is in a row alone, or in that of its content there", () => {
    const [one, two] = [post("a", EARLY), post("b", EARLY)];
    const move = { post: one, to: LATE };
    expect(shown(rowsAfter([row(one, two)], [move], isOn("2026-11-27")))).toEqual(["b", "a"]);
    expect(shown(rowsAfter([row(two), row(post("c", LATE))], [move], isOn("2026-11-27")))).toEqual(["b", "c a"]);
    expect(shown(rowsAfter([row(post("c", LATE, "rolls"))], [move], isOn("2026-11-27")))).toEqual(["a", "c"]);
  });

  test("a row that nothing moves stays the same object", () => {
    const [rows, moves] = [[row(post("a", EARLY))], [{ post: post("b", LATE), to: NEXT }]];
    expect(rowsAfter(rows, moves, isOn("2026-11-27"))[0]).toBe(rows[0]);
  });

  test("numbers follow by the local day", () => {
    const before = new Map([["2026-11-27", { queued: 3, failed: 1 }]]);
    const after = countsAfter(before, [{ post: post("b", EARLY), to: LATE }], "Asia/Tokyo");
    expect(after.get("2026-11-27")).toEqual({ queued: 2, failed: 1 });
    expect(after.get("2026-11-28")).toEqual({ queued: 1 });
  });

  test("of two moves of a post, the last one counts, from where the post was", () => {
    const moves = lastMoves([
      { post: post("a", EARLY), to: LATE },
      { post: post("a", LATE), to: NEXT },
    ]);
    expect(moves).toEqual([{ post: post("a", EARLY), to: NEXT }]);
  });
});

test("only what is queued can be moved", () => {
  const live = { ...post("b", EARLY), status: "published" } as const;
  expect(movable(row(post("a", EARLY), live)).map(({ id }) => id)).toEqual(["a"]);
});

import type { FoundPost } from "presswork-client";
import { expect, test } from "vitest";
import type { Row } from "../../posts/groups";
import { stableRows } from "./stableRows";

/** "ab c": a row with the posts a and b, and a row with c. */
const rows = (text: string) =>
  text.split(" ").flatMap((ids): Row[] => {
    const posts = [...ids].map((id) => ({ id }) as FoundPost);
    return posts.length === 0 ? [] : [{ id: ids, posts } as unknown as Row];
  });
const shown = (held: string, fresh: string) => {
  const { rows: all, added, gone } = stableRows(rows(held), rows(fresh));
  const order = all.map(({ posts }) => posts.map(({ id }) => id).join("")).join(" ");
  return { order, added, gone: [...gone].join("") };
};

test.each([
  ["a b c", "a b c", { order: "a b c", added: 0, gone: "" }],
  ["a b c", "x a b c", { order: "a b c", added: 1, gone: "" }], // above: it would push the others down
  ["a b c", "a b c x y", { order: "a b c x y", added: 0, gone: "" }], // below: "Show more"
  ["a b c", "a c", { order: "a b c", added: 0, gone: "b" }],
  ["a b c", "c b a", { order: "a b c", added: 0, gone: "" }],
  ["a b c", "x a y c z", { order: "a b c z", added: 2, gone: "b" }],
  ["a b c", "x y", { order: "a b c x y", added: 0, gone: "abc" }],
  ["", "a b", { order: "a b", added: 0, gone: "" }],
  ["ab c", "a c", { order: "ab c", added: 0, gone: "b" }], // one post of a group is canceled
  ["ab c", "a c b", { order: "ab c", added: 0, gone: "" }], // or moved
  ["a c", "ab c", { order: "a c", added: 1, gone: "" }], // or added
])("%j with the list %j", (held, fresh, expected) => {
  expect(shown(held, fresh)).toEqual(expected);
});

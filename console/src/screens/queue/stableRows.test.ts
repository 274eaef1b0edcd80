import { expect, test } from "vitest";
import { stableRows } from "./stableRows";

const rows = (text: string) => [...text].map((id) => ({ id }));
const shown = (held: string, fresh: string) => {
  const { rows: all, added, gone } = stableRows(rows(held), rows(fresh));
  return { order: all.map(({ id }) => id).join(""), added, gone: [...gone].join("") };
};

test.each([
  ["abc", "abc", { order: "abc", added: 0, gone: "" }],
  ["abc", "xabc", { order: "abc", added: 1, gone: "" }], // above: it would push the others down
  ["abc", "abcxy", { order: "abcxy", added: 0, gone: "" }], // below: "Show more"
  ["abc", "ac", { order: "abc", added: 0, gone: "b" }],
  ["abc", "cba", { order: "abc", added: 0, gone: "" }],
  ["abc", "xaycz", { order: "abcz", added: 2, gone: "b" }],
  ["abc", "xy", { order: "abcxy", added: 0, gone: "abc" }],
  ["", "ab", { order: "ab", added: 0, gone: "" }],
])("%j with the list %j", (held, fresh, expected) => {
  expect(shown(held, fresh)).toEqual(expected);
});

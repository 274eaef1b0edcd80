import { expect, test } from "vitest";
import { labelsOf, withLabels } from "./labels";

test("labels are added once, without the room around them", () => {
  expect(withLabels(["Bread"], " Autumn, Bread ,, Rye")).toEqual(["Bread", "Autumn", "Rye"]);
  expect(withLabels([], `${"x".repeat(120)}`)[0]).toHaveLength(100);
});

test("an address names labels in a list", () => {
  expect(labelsOf(["a", 2, ""])).toEqual(["a"]);
  expect(labelsOf("a")).toBeUndefined();
});

import type { ContentComment } from "presswork-client";
import { expect, test } from "vitest";
import { movedBy, placeIn, whereText } from "./anchors";
import { marksOf } from "./numberedMarks";

test("a mark keeps its number, whatever was said without one", () => {
  const comments = [
    { id: "one", anchor: { assetId: "a", x: 0.1, y: 0.2 } },
    { id: "two", anchor: null },
    { id: "three", anchor: { assetId: "b", ms: 7_900 } },
  ] as unknown as readonly ContentComment[];
  expect(marksOf(comments).map(({ comment, number }) => [comment.id, number])).toEqual([
    ["one", 1],
    ["three", 2],
  ]);
});

test("keys move a mark within the picture", () => {
  expect(movedBy("ArrowRight", false, { x: 0.5, y: 0.5 })).toEqual({ x: 0.52, y: 0.5 });
  expect(movedBy("ArrowUp", true, { x: 0.5, y: 0.04 })).toEqual({ x: 0.5, y: 0 });
  expect(movedBy("Enter", false, { x: 0.5, y: 0.5 })).toBeNull();
});

test("a pointer beside the picture is at its edge", () => {
  const box = { left: 100, top: 50, width: 200, height: 400 } as DOMRect;
  expect(placeIn(box, 150, 150)).toEqual({ x: 0.25, y: 0.25 });
  expect(placeIn(box, 90, 500)).toEqual({ x: 0, y: 1 });
});

test("a mark says only what others do not", () => {
  const anchor = (more: object) => ({ assetId: "b", x: null, y: null, ms: null, ...more });
  expect(whereText(anchor({ x: 0.1, y: 0.1 }), ["b"])).toBe("");
  expect(whereText(anchor({ x: 0.1, y: 0.1 }), ["a", "b"])).toBe("picture 2");
  expect(whereText(anchor({ ms: 7_900 }), ["b"])).toBe("0:07");
  expect(whereText(anchor({ ms: 7_900 }), ["a", "b"])).toBe("file 2, 0:07");
});

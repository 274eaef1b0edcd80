import { expect, test } from "vitest";
import { captionLine } from "./captionLine";

test("a line has the beginning of a caption, and says if there is none", () => {
  expect(captionLine("  Warm bread.\nEvery morning. ")).toBe("Warm bread.");
  expect(captionLine("\n ")).toBe("Without a caption");
  expect(captionLine("a".repeat(2300))).toBe(`${"a".repeat(160)}…`);
  expect(captionLine("🥐".repeat(200))).toBe(`${"🥐".repeat(160)}…`);
});

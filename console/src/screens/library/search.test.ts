import { expect, test } from "vitest";
import { isFreshUpload } from "./search";

test("files without a text are a post that is still being written, for a day", () => {
  const now = new Date("2026-12-02T12:00:00Z");
  const upload = { caption: " ", mediaType: "image", createdAt: "2026-12-01T12:00:01Z" } as const;
  expect(isFreshUpload(upload, now)).toBe(true);
  expect(isFreshUpload({ ...upload, caption: "Rye" }, now)).toBe(false);
  expect(isFreshUpload({ ...upload, createdAt: "2026-12-01T12:00:00Z" }, now)).toBe(false);
});

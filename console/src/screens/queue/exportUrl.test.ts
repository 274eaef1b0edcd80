import { expect, test } from "vitest";
import { exportUrl } from "./exportUrl";

test("the link has the filter, each of several values on its own, and the environment", () => {
  const filter = { status: ["failed", "canceled"], q: "a & b" } as const;
  expect(exportUrl("live", { ...filter, status: [...filter.status] }, "desc")).toBe(
    "/v1/scheduled-posts/export?format=csv&environment=live&order=desc&status=failed&status=canceled&q=a+%26+b",
  );
});

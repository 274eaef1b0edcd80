import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { pathIn } from "./environment";
import { routerOf } from "./router";

test("the other environment has a screen for each one", () => {
  const paths = Object.keys(routerOf(new QueryClient()).routesByPath).filter((path) =>
    path.startsWith("/$environment"),
  );
  expect(paths).toContain("/$environment/posts/$postId");
  for (const path of paths) {
    const there = pathIn("live", path.replace("$environment", "test")).replace(/^\/live\/?/, "/$environment/");
    expect(paths).toContain(there.replace(/\/$/, ""));
  }
});

test("a post leads to the queue, and content to the library", () => {
  expect(pathIn("live", "/test/posts/sp_1")).toBe("/live/queue");
  expect(pathIn("test", "/live/content/cnt_1")).toBe("/test/library");
  expect(pathIn("live", "/test/accounts/projects/prj_1")).toBe("/live/accounts");
  expect(pathIn("live", "/test")).toBe("/live/");
});

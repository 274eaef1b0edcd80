import { expect, test } from "vitest";
import { livePageOf } from "./livePage";

test("a test post links to the sandbox, a live one to its platform, and one without a link to nothing", () => {
  const post = {
    platform: "instagram",
    externalUrl: "https://www.instagram.com/p/1/",
    sandboxUrl: null,
    liveStatus: "live",
  } as const;
  const sandboxUrl = "http://127.0.0.1:8000/sandbox/www.instagram.com/p/1/";
  expect(livePageOf({ ...post, sandboxUrl })).toEqual({ url: sandboxUrl, label: "Open in the sandbox" });
  expect(livePageOf(post)).toEqual({ url: post.externalUrl, label: "Open on Instagram" });
  expect(livePageOf({ ...post, externalUrl: null })).toBeNull();
  for (const liveStatus of ["taken_down", "gone"] as const) expect(livePageOf({ ...post, liveStatus })).toBeNull();
});

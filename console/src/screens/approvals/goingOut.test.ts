import type { FoundPost } from "presswork-client";
import { expect, test } from "vitest";
import { goingOut } from "./goingOut";

const NOW = new Date("2026-12-01T12:00:00Z");
const post = (status: FoundPost["status"], scheduledFor: string, gateStatus: FoundPost["gateStatus"] = null) =>
  ({ status, scheduledFor, gateStatus }) as FoundPost;

test("after an approval, one sentence says on how many accounts it goes out", () => {
  const posts = [
    post("published", "2026-12-01T11:00:00Z"),
    post("publishing", "2026-12-01T11:59:59Z"),
    post("queued", "2026-12-01T11:59:59Z"),
    post("queued", "2026-12-02T08:00:00Z"),
    post("queued", "2026-12-02T08:00:00Z"),
    post("queued", "2026-12-02T08:00:00Z", "blocked_on_approval"),
    post("canceled", "2026-12-02T08:00:00Z"),
    post("failed", "2026-12-01T10:00:00Z"),
  ];
  expect(goingOut(posts, NOW).map(({ text, at }) => [text, at])).toEqual([
    ["Going out now on 2 accounts", null],
    ["Goes out on 2 accounts", "2026-12-02T08:00:00Z"],
    ["Is out on 1 account", null],
    ["Did not go out on 1 account", null],
  ]);
});

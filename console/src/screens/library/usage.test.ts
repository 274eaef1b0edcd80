import type { PostOfContent, SocialAccount } from "presswork-client";
import { expect, test } from "vitest";
import { usageOf } from "./usage";

const post = (
  id: string,
  status: PostOfContent["status"],
  scheduledFor: string,
  liveStatus: PostOfContent["liveStatus"] = "live",
) =>
  ({
    id,
    status,
    liveStatus: status === "published" ? liveStatus : null,
    scheduledFor,
    socialAccountId: `sa_${id}`,
    platform: "instagram",
  }) as PostOfContent;
const ACCOUNTS = [{ socialAccountId: "sa_a", handle: "corner.bakery" }] as unknown as readonly SocialAccount[];

test("content shows its accounts, one state, and when it goes out next", () => {
  const [live, next, later] = [
    post("a", "published", "2026-12-01T09:00:00Z"),
    post("b", "queued", "2026-12-02T09:00:00Z"),
    post("c", "queued", "2026-12-03T09:00:00Z"),
  ];
  const { posts, state, at } = usageOf([live, next, later], ACCOUNTS);
  expect(posts.map(({ account }) => account.handle)).toEqual(["corner.bakery", "", ""]);
  expect([state.text, at]).toEqual(["2 queued, 1 published", next.scheduledFor]);
  expect(usageOf([live], ACCOUNTS).at).toBeNull();
  expect(usageOf([post("a", "published", "2026-12-01T09:00:00Z", "taken_down")], ACCOUNTS).state.text).toBe(
    "1 taken down",
  );
});

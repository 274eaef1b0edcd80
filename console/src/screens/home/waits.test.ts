import type { FoundPost } from "presswork-client";
import { expect, test } from "vitest";
import type { Row } from "../../posts/groups";
import { waitsOf } from "./waits";

const NOW = new Date("2026-11-27T12:00:00Z");
const post = (scheduledFor: string, waiting: FoundPost["waiting"] = null) =>
  ({ id: scheduledFor, status: "queued", scheduledFor, waiting }) as FoundPost;
const row = (...posts: readonly FoundPost[]) => ({ posts }) as unknown as Row;

test("a post that is due soon, or since a moment, needs nothing", () => {
  const worker = { reason: "worker", until: null, behind: null } as const;
  expect(waitsOf([row(post("2026-11-27T13:00:00Z")), row(post("2026-11-27T11:59:30Z", worker))], NOW)).toEqual([]);
});

test("a held post says why and until when, a late one that it is late; posts of a row that wait for the same are one", () => {
  const limit = post("2026-11-27T11:59:00Z", { reason: "rate_limit", until: "2026-11-27T14:00:00Z", behind: null });
  const late = { ...post("2026-11-27T11:00:00Z"), status: "publishing" } as FoundPost;
  const several = row(limit, late, limit);
  expect(waitsOf([several], NOW)).toEqual([
    { row: several, posts: [limit, limit], why: "A limit of the platform is reached", until: "2026-11-27T14:00:00Z" },
    { row: several, posts: [late], why: "It is being published for longer than usual", until: null },
  ]);
});

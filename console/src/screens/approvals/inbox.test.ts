import type { Content } from "presswork-client";
import { describe, expect, test } from "vitest";
import { inOrder, urgency, type Waiting } from "./inbox";

const NOW = new Date("2026-11-27T12:00:00Z");
const waiting = (id: string, createdAt: string, dueAt: string | null, withAuthor = false): Waiting => ({
  content: { id, createdAt } as Content,
  dueAt,
  isWithAuthor: withAuthor,
  isForMe: true,
});

test("what is due first comes first; then the oldest; what waits for its author is last", () => {
  const order = inOrder([
    waiting("young", "2026-11-26T00:00:00Z", null),
    waiting("asked", "2026-11-20T00:00:00Z", "2026-11-27T12:01:00Z", true),
    waiting("later", "2026-11-21T00:00:00Z", "2026-11-28T00:00:00Z"),
    waiting("old", "2026-11-22T00:00:00Z", null),
    waiting("first", "2026-11-26T00:00:00Z", "2026-11-27T13:00:00+01:00"),
  ]);
  expect(order.map(({ content }) => content.id)).toEqual(["first", "later", "old", "young", "asked"]);
});

describe("urgency", () => {
  test.each([
    ["2026-11-27T12:40:00Z", "Goes out in 40 minutes", "soon"],
    ["2026-11-28T14:00:00Z", "Goes out in 1 day", "calm"],
    ["2026-11-27T10:00:00Z", "Was due 2 hours ago", "late"],
    [null, "No time yet", "calm"],
  ])("%s", (dueAt, text, tone) => {
    expect(urgency(dueAt, NOW)).toEqual({ text, tone });
  });
});

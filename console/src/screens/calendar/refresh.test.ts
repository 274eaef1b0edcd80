import { QueryClient, QueryObserver } from "@tanstack/react-query";
import type { StreamEvent } from "presswork-client";
import { expect, test } from "vitest";
import { rowsKey } from "./queries";
import { refreshAfter } from "./refresh";

const SPAN = { since: "2026-12-01T00:00:00.000Z", until: "2026-12-07T23:59:59.999Z" };

function event(type: string, data: object): StreamEvent {
  return { id: "evt_1", type, timestamp: "2026-11-29T10:00:00Z", data } as unknown as StreamEvent;
}

test.each([
  event("post.scheduled", { id: "post_1", scheduledFor: "2026-12-03T09:00:00.000Z" }),
  event("post.scheduled", { id: "post_1", scheduledFor: "2027-01-03T09:00:00.000Z" }), // from here to there
  event("content.approved", { id: "cnt_1" }),
])("$type while a week is first read: it is read once more then", async (burst) => {
  const queries = new QueryClient();
  const answers: (() => void)[] = [];
  const queryFn = () => new Promise((resolve) => answers.push(() => resolve({ rows: [], hasMore: false })));
  const queryKey = rowsKey("test", SPAN);
  new QueryObserver(queries, { queryKey, queryFn, staleTime: Number.POSITIVE_INFINITY }).subscribe(() => undefined);
  refreshAfter(queries, "test", [burst]);
  expect(answers.length).toBe(1);
  answers[0]?.();
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.();
  await expect.poll(() => queries.isFetching()).toBe(0);
  expect(answers.length).toBe(2);
});

import type { TimelineItem } from "presswork-client";
import { expect, test } from "vitest";
import { headlineOf, offLineAtOf } from "./headlineOf";

const NOW = new Date("2026-12-01T12:00:00Z");
const POST = {
  status: "queued",
  mode: "publish",
  gateStatus: null,
  scheduledFor: "2026-12-02T08:00:00.000Z",
  publishedAt: null,
  canceledAt: null,
  lastError: null,
  threadStatus: null,
  liveStatus: null,
} as const;
const OVER = { ...POST, scheduledFor: "2026-12-01T11:00:00.000Z" } as const;
const UNKNOWN = {
  code: "OUTCOME_UNKNOWN",
  message: "",
  platformCode: null,
  platformMessage: null,
  at: "",
  step: "",
} as const;

const LIVE = { ...OVER, status: "published", publishedAt: "2026-12-01T11:00:01.000Z" } as const;

test.each([
  ["live", "Went live 2026-12-01T11:00:01.000Z on"],
  ["taking_down", "Being taken down from"],
  ["taken_down", "Taken down 2026-12-01T11:30:00.000Z from"],
  ["gone", "Found deleted 2026-12-01T11:30:00.000Z on"],
  ["take_down_failed", "Still live on"],
  ["not_supported", "Still live on"],
] as const)("a published post that is %s", (liveStatus, words) => {
  const item = { event: liveStatus, at: "2026-12-01T11:30:00.000Z", message: "", detail: {} } as TimelineItem;
  const { before, at, after } = headlineOf({ ...LIVE, liveStatus }, NOW, offLineAtOf([item]));
  expect([before, at, after].filter((part) => part !== null).join(" ")).toBe(words);
});

test.each([
  [POST, "Goes out 2026-12-02T08:00:00.000Z to"],
  [OVER, "Goes out now to"],
  [{ ...POST, mode: "draft" } as const, "Goes to the creator's phone 2026-12-02T08:00:00.000Z for"],
  [
    { ...POST, gateStatus: "blocked_on_approval" } as const,
    "Waits for approval, planned for 2026-12-02T08:00:00.000Z to",
  ],
  [{ ...OVER, status: "publishing" } as const, "Is going out now to"],
  [
    { ...OVER, status: "published", publishedAt: "2026-12-01T11:00:01.000Z" } as const,
    "Went live 2026-12-01T11:00:01.000Z on",
  ],
  [{ ...OVER, status: "failed" } as const, "Did not go out to"],
  [{ ...OVER, status: "failed", lastError: UNKNOWN } as const, "May be live on"],
  [
    { ...OVER, status: "canceled", canceledAt: "2026-12-01T10:00:00.000Z" } as const,
    "Canceled 2026-12-01T10:00:00.000Z and not sent to",
  ],
])("what a person reads first: %#", (post, words) => {
  const { before, at, after } = headlineOf(post, NOW);
  expect([before, at, after].filter((part) => part !== null).join(" ")).toBe(words);
});

import { APIConnectionError, APIStatusError, ApiResponse } from "presswork-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { forgetAttempt, hadNoEffect, sendAttempt, standingOf } from "./attempt";

const PLACE = "test";
const stored = new Map<string, string>();
const lost = new APIConnectionError("lost");
const refusal = (status: number, code?: string) =>
  new APIStatusError("No.", { code }, new ApiResponse(status, new Headers(), "", 1));

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
  forgetAttempt(PLACE);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Sends a numbered call, and returns the number of the one that was sent. */
async function sent(of: string, number: number, failure: unknown = null): Promise<number> {
  let used = -1;
  const send = async (call: number) => {
    used = call;
    if (failure !== null) throw failure;
  };
  await sendAttempt(PLACE, of, async () => number, send).catch((error: unknown) => expect(error).toBe(failure));
  return used;
}

test.each([
  ["a lost answer", lost],
  ["a lost database", refusal(503, "UNAVAILABLE")],
  ["an error of the server", refusal(500, "INTERNAL")],
  ["the rate limit", refusal(429, "RATE_LIMITED")],
  ["an ended session", refusal(401, "UNAUTHENTICATED")],
  ["a proxy's page", refusal(404)],
  ["a key that was used", refusal(409, "IDEMPOTENCY_CONFLICT")],
])("after %s, the same call is sent again", async (_, failure) => {
  expect(hadNoEffect(failure)).toBe(false);
  expect(await sent("a", 1, failure)).toBe(1);
  expect(standingOf(PLACE, "a")).toBe("same");
  expect(standingOf(PLACE, "b")).toBe("other");
  expect(await sent("a", 2)).toBe(1);
});

test("a refusal of the API is followed by a new call", async () => {
  expect(await sent("a", 1, refusal(422, "VALIDATION"))).toBe(1);
  expect(standingOf(PLACE, "a")).toBe("none");
  expect(await sent("a", 2)).toBe(2);
});

test("a refusal of another call leaves the former one as it was", async () => {
  await sent("a", 1, lost);
  await sent("b", 2, refusal(422, "VALIDATION"));
  expect(standingOf(PLACE, "b")).toBe("other");
  expect(await sent("a", 3)).toBe(1);
});

test("a success is repeated until a person has seen it", async () => {
  expect(await sent("a", 1)).toBe(1);
  expect(await sent("a", 2)).toBe(1);
  expect(standingOf(PLACE, "b")).toBe("none");
  forgetAttempt(PLACE);
  expect(await sent("a", 3)).toBe(3);
});

test("a call that the server may have forgotten is not repeated silently", async () => {
  await sent("a", 1, lost);
  vi.setSystemTime(24 * 3_600_000);
  expect(standingOf(PLACE, "a")).toBe("other");
});

test("an attempt survives a reload", async () => {
  await sent("a", 1, lost);
  vi.resetModules();
  const reloaded = await import("./attempt");
  expect(reloaded.standingOf(PLACE, "a")).toBe("same");
});

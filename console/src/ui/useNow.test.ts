import { afterEach, expect, test, vi } from "vitest";
import { currentNow, subscribe } from "./useNow";

afterEach(() => vi.useRealTimers());

test("the time is right at once after nothing has shown it for a while", () => {
  vi.useFakeTimers({ now: new Date("2026-11-28T22:00:00Z") });
  subscribe(() => undefined)();
  vi.setSystemTime(new Date("2026-11-29T07:00:00Z"));
  const leave = subscribe(() => undefined);
  expect(currentNow()).toEqual(new Date("2026-11-29T07:00:00Z"));
  vi.advanceTimersByTime(10_000);
  expect(currentNow()).toEqual(new Date("2026-11-29T07:00:10Z"));
  leave();
});

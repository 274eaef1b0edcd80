import { describe, expect, it } from "vitest";
import { expiryOf } from "./expiry";

const NOW = new Date("2026-11-27T12:00:00Z");

describe("the end of an access", () => {
  it.each([
    ["instagram", "2027-01-20T12:00:00Z", "later"],
    ["instagram", "2026-12-02T12:00:00Z", "soon"],
    ["tiktok", "2026-11-27T13:50:00Z", "later"],
    ["tiktok", "2026-11-27T12:05:00Z", "soon"],
    ["tiktok", "2026-11-27T12:00:00Z", "past"],
    ["facebook", null, "never"],
  ] as const)("%s, %s: %s", (login, tokenExpiresAt, expected) => {
    expect(expiryOf({ login, tokenExpiresAt }, NOW)).toBe(expected);
  });
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clientOf, serverNow } from "./client";

const NOW = "2026-11-27T12:00:00.000Z";

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(NOW) });
  vi.stubGlobal("location", { origin: "http://localhost:8000" });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test.each([
  ["Fri, 27 Nov 2026 12:01:00 GMT", "2026-11-27T12:01:00.000Z"],
  ["Fri, 27 Nov 2026 11:50:00 GMT", "2026-11-27T11:50:00.000Z"],
  ["Fri, 27 Nov 2026 11:59:58 GMT", NOW],
  ["Fri, 27 Nov 2026 12:02:00 GMT", "2026-11-27T12:02:00.000Z"],
  [undefined, "2026-11-27T12:02:00.000Z"],
  ["Fri, 27 Nov 2026 12:00:00 GMT", NOW],
])("after an answer of %s, it is %s", async (date, now) => {
  const headers = { "Content-Type": "application/json", ...(date !== undefined && { Date: date }) };
  vi.stubGlobal("fetch", async () => new Response("{}", { headers }));
  await clientOf("test").content.get({ containerId: "cnt_1" });
  expect(serverNow().toISOString()).toBe(now);
});

test("calls that few screens make are those of the client", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string, { method }: RequestInit) => {
    asked.push(`${method} ${new URL(url).pathname}`);
    return Response.json({ items: [{ id: "app_1" }], nextCursor: null });
  });
  const { organizations, platformApps } = clientOf("live");
  const { items } = await platformApps.list({ limit: 1 });
  await organizations.get({ organizationId: "org_1" });
  expect(items).toEqual([{ id: "app_1" }]);
  expect(asked).toEqual(["GET /v1/platform-apps", "GET /v1/organizations/org_1"]);
});

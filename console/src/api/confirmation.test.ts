import { expect, test, vi } from "vitest";
import { askingFetch } from "./confirmation";

const refused = () =>
  new Response(JSON.stringify({ error: { code: "CONFIRMATION_REQUIRED", details: { methods: ["totp"] } } }), {
    status: 403,
  });

test("without a screen that asks, the refusal is returned", async () => {
  const send = vi.fn(async () => refused());
  const response = await askingFetch(send)("/v1/api-keys", { method: "POST" });
  expect(response.status).toBe(403);
  expect(((await response.json()) as { error: { code: string } }).error.code).toBe("CONFIRMATION_REQUIRED");
  expect(send).toHaveBeenCalledTimes(1);
});

test("another refusal is returned as it is", async () => {
  const send = vi.fn(async () => new Response('{"error":{"code":"FORBIDDEN_SCOPE"}}', { status: 403 }));
  expect((await askingFetch(send)("/v1/api-keys")).status).toBe(403);
  expect(send).toHaveBeenCalledTimes(1);
});

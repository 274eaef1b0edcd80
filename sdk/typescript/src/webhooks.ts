import { isObject, kindOf } from "./arguments.js";
import { WebhookVerificationError } from "./errors.js";
import type { WebhookEvent } from "./generated/events.js";
import { WebhooksCalls } from "./generated/webhooks.js";

/** The maximum difference between a request's time and the clock; older requests may be replays. */
export const TOLERANCE_SECONDS = 300;

export interface VerifyOptions {
  readonly toleranceSeconds?: number | undefined;
  /** The Unix time; the default is the system clock. */
  readonly nowSeconds?: number | undefined;
}

/** Request headers; names may have any case. */
export type AnyHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Manage webhook endpoints, and verify webhook requests. */
export class Webhooks extends WebhooksCalls {
  /** Verifies a webhook request and returns its event, as the function `webhooks.verify` does. */
  verify(
    body: string | Uint8Array<ArrayBuffer>,
    headers: AnyHeaders,
    secret: string,
    options: VerifyOptions = {},
  ): Promise<WebhookEvent> {
    return verify(body, headers, secret, options);
  }
}

/**
 * Verifies a webhook request and returns its event, typed by `type`.
 *
 * `body` is the raw request body: JSON that was parsed and serialized again has another signature. `secret` is the
 * endpoint's `whsec_…`. Throws a WebhookVerificationError; respond to such a request with 400.
 * The signature follows Standard Webhooks (standardwebhooks.com, read 2026-11).
 */
export async function verify(
  body: string | Uint8Array<ArrayBuffer>,
  headers: AnyHeaders,
  secret: string,
  options: VerifyOptions = {},
): Promise<WebhookEvent> {
  const [id, sentAt, signatures] = ["id", "timestamp", "signature"].map((name) => headerOf(headers, `webhook-${name}`)) as [
    string,
    string,
    string,
  ];
  checkAge(sentAt, options.nowSeconds ?? Date.now() / 1000, options.toleranceSeconds ?? TOLERANCE_SECONDS);
  const content = bytesOf(body);
  const key = await crypto.subtle.importKey("raw", keyOf(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const signed = joined(new TextEncoder().encode(`${id}.${sentAt}.`), content);
  for (const signature of signatures.split(" ")) {
    const [version, text] = signature.split(",", 2);
    const bytes = version === "v1" && text ? decoded(text) : undefined;
    if (bytes !== undefined && (await crypto.subtle.verify("HMAC", key, bytes, signed))) return readEvent(content);
  }
  throw new WebhookVerificationError(
    "No signature matches. Check that the secret belongs to this endpoint, and that body is the raw request body.",
  );
}

/** Parses an event without checking a signature. Throws a WebhookVerificationError if it is not an event. */
export function readEvent(body: string | Uint8Array): WebhookEvent {
  try {
    const found: unknown = JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body));
    if (isObject(found) && typeof found["type"] === "string") return found as unknown as WebhookEvent;
  } catch {
    // reported below
  }
  throw new WebhookVerificationError("The body is not a Presswork event.");
}

function bytesOf(body: unknown): Uint8Array<ArrayBuffer> {
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>;
  throw new WebhookVerificationError(
    `body is ${kindOf(body)}. Pass the raw request body as text or bytes; parsed JSON can't be verified.`,
  );
}

function headerOf(headers: AnyHeaders, name: string): string {
  if (!isObject(headers)) {
    throw new WebhookVerificationError(`headers is ${kindOf(headers)}. Pass the request's headers by name.`);
  }
  const found =
    headers instanceof Headers
      ? headers.get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  if (typeof found === "string") return found;
  throw new WebhookVerificationError(`The request has no ${name} header, so it is not a webhook.`);
}

function checkAge(sentAt: string, now: number, tolerance: number): void {
  if (!/^\d+$/.test(sentAt)) throw new WebhookVerificationError("webhook-timestamp is not a number of seconds.");
  const age = now - Number(sentAt);
  if (Math.abs(age) > tolerance) {
    throw new WebhookVerificationError(
      `The request's timestamp is ${Math.abs(age).toFixed(0)} seconds ${age > 0 ? "old" : "ahead"}. Check this machine's clock; an old request may be a replay.`,
    );
  }
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const key = typeof secret === "string" ? decoded(secret.replace(/^whsec_/, "")) : undefined;
  if (!key?.length) throw new WebhookVerificationError("The secret is not a signing secret. Pass the one that starts with whsec_.");
  return key;
}

function decoded(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

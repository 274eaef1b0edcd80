import { isObject } from "./calls.js";
import { WebhookVerificationError } from "./errors.js";
import type { WebhookEvent } from "./generated/events.js";
import { WebhooksCalls } from "./generated/webhooks.js";

/** How old, or how far ahead, a request may be: an old one may be somebody's repetition of it. */
export const TOLERANCE_SECONDS = 300;

export interface VerifyOptions {
  readonly toleranceSeconds?: number | undefined;
  /** The Unix time; left out: the clock's. */
  readonly nowSeconds?: number | undefined;
}

/** Headers in any of the usual shapes, in any case. */
export type AnyHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Be told what happens, and check who tells it. */
export class Webhooks extends WebhooksCalls {
  /** Checks a webhook request and returns its event; the same as the function `webhooks.verify`. */
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
 * Checks a webhook request and returns its event, typed by `type`.
 *
 * `body` is the request's body as it came, byte for byte: JSON that was read and written again has another signature.
 * `secret` is the endpoint's `whsec_…`. Throws a WebhookVerificationError; answer such a request with 400.
 * The signature is that of Standard Webhooks (standardwebhooks.com, read 2026-11).
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
  const content = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const key = await crypto.subtle.importKey("raw", keyOf(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const signed = joined(new TextEncoder().encode(`${id}.${sentAt}.`), content);
  for (const signature of signatures.split(" ")) {
    const [version, text] = signature.split(",", 2);
    const bytes = version === "v1" && text ? decoded(text) : undefined;
    if (bytes !== undefined && (await crypto.subtle.verify("HMAC", key, bytes, signed))) return readEvent(content);
  }
  throw new WebhookVerificationError(
    "No signature of the request is right. Check that the secret is this endpoint's, and that the body is the one that came, byte for byte.",
  );
}

/** Reads an event whose signature somebody else has checked. Throws a WebhookVerificationError if it is none. */
export function readEvent(body: string | Uint8Array): WebhookEvent {
  try {
    const found: unknown = JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body));
    if (isObject(found) && typeof found["type"] === "string") return found as unknown as WebhookEvent;
  } catch {
    // said below
  }
  throw new WebhookVerificationError("The body is no event of Presswork.");
}

function headerOf(headers: AnyHeaders, name: string): string {
  const found =
    headers instanceof Headers
      ? headers.get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  if (typeof found === "string") return found;
  throw new WebhookVerificationError(`The request has no header ${name}: it is no webhook.`);
}

function checkAge(sentAt: string, now: number, tolerance: number): void {
  if (!/^\d+$/.test(sentAt)) throw new WebhookVerificationError("webhook-timestamp is no number of seconds.");
  const age = now - Number(sentAt);
  if (Math.abs(age) > tolerance) {
    throw new WebhookVerificationError(
      `The request is ${Math.abs(age).toFixed(0)} seconds ${age > 0 ? "old" : "ahead"}. Check this machine's clock; an old request may be a repetition by somebody else.`,
    );
  }
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const key = decoded(secret.replace(/^whsec_/, ""));
  if (key === undefined) throw new WebhookVerificationError("The secret is no signing secret; it begins with whsec_.");
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

import { createHmac, timingSafeEqual } from "node:crypto";

/** The maximum difference between a message's time and the clock; older messages may be replays. */
export const TOLERANCE_SECONDS = 300;

export interface Message {
  /** Request headers, by names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The body as it arrived: JSON that was parsed and serialized again has another signature. */
  readonly body: Buffer;
}

/**
 * Returns why a message is not a webhook of the endpoint with this secret (`whsec_…`), or undefined if it is.
 *
 * The signature follows Standard Webhooks (standardwebhooks.com, read 2026-11). After a rotation of the secret a message
 * has two signatures; one that matches is enough.
 */
export function problemWith({ headers, body }: Message, secret: string, nowSeconds: number): string | undefined {
  const [id, sentAt, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => headers[name]);
  if (typeof id !== "string" || typeof sentAt !== "string" || typeof signatures !== "string") {
    return "The request has no webhook-id, webhook-timestamp and webhook-signature, so it is not a webhook of Presswork.";
  }
  if (!/^\d+$/.test(sentAt) || Math.abs(nowSeconds - Number(sentAt)) > TOLERANCE_SECONDS) {
    return "The request's timestamp is more than five minutes off. Check the clocks; an old request may be a replay.";
  }
  const expected = createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
    .update(`${id}.${sentAt}.`)
    .update(body)
    .digest();
  for (const signature of signatures.split(" ")) {
    const [version, text = ""] = signature.split(",", 2);
    const given = Buffer.from(text, "base64");
    if (version === "v1" && given.length === expected.length && timingSafeEqual(given, expected)) return undefined;
  }
  return "No signature of the request matches. Deactivate and activate the workflow to create the endpoint again.";
}

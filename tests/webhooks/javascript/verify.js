// Reads {"secret", "headers", "body"} lines and answers each with the verified event, or null where it is not genuine.
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line);
  let event = null;
  try {
    event = new Webhook(secret).verify(body, headers);
  } catch (error) {
    if (error.name !== "WebhookVerificationError" && error.constructor.name !== "WebhookVerificationError") throw error;
  }
  console.log(JSON.stringify(event));
}

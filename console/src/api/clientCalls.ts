/**
 * The client's calls without what is built on them for programs, such as uploads, waiting and verifying a signature: vite.config.ts
 * has it take the place of these modules.
 */
export { ContentCalls as Content } from "../../../sdk/typescript/src/generated/content";
export { PublishingCalls as Publishing } from "../../../sdk/typescript/src/generated/publishing";
export { WebhooksCalls as Webhooks } from "../../../sdk/typescript/src/generated/webhooks";

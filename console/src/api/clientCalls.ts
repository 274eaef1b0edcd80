/**
 * The client's calls, without what only programs need: to verify a signature, to upload files of a disk, to wait for a post.
 * No screen is about operators, or lists TikTok's music. vite.config.ts has it take the place of these modules.
 */
export { ContentCalls as Content } from "../../../sdk/typescript/src/generated/content";
export { ProjectsCalls as Projects } from "../../../sdk/typescript/src/generated/projects";
export { PublishingCalls as Publishing } from "../../../sdk/typescript/src/generated/publishing";
export { ResultsCalls as Results } from "../../../sdk/typescript/src/generated/results";
export { UsageCalls as Usage } from "../../../sdk/typescript/src/generated/usage";
export { WebhooksCalls as Webhooks } from "../../../sdk/typescript/src/generated/webhooks";

export class Music {}
export class Operators {}

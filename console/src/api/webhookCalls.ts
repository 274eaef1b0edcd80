/** The client's calls about webhooks, without what verifies a signature: vite.config.ts has it take the place of the whole module. */
export { WebhooksCalls as Webhooks } from "../../../sdk/typescript/src/generated/webhooks";

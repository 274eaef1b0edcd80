import type { Transport } from "../../../sdk/typescript/src/transport";

/**
 * The client's calls, without what only programs need: to verify a signature, to upload files of a disk, to wait for a post.
 * No screen is about operators, or lists TikTok's music. Calls of a few screens are loaded with the first of them. vite.config.ts
 * has this take the place of the client's modules.
 */
export { ContentCalls as Content } from "../../../sdk/typescript/src/generated/content";
export { ProjectsCalls as Projects } from "../../../sdk/typescript/src/generated/projects";
export { PublishingCalls as Publishing } from "../../../sdk/typescript/src/generated/publishing";
export { ResultsCalls as Results } from "../../../sdk/typescript/src/generated/results";
export { UsageCalls as Usage } from "../../../sdk/typescript/src/generated/usage";
export { WebhooksCalls as Webhooks } from "../../../sdk/typescript/src/generated/webhooks";

export class Music {}
export class Operators {}

export const AuditLog = later("AuditLog");
export const ConnectLinks = later("ConnectLinks");
export const Imports = later("Imports");
export const Layers = later("Layers");
export const Organizations = later("Organizations");
export const PlatformApps = later("PlatformApps");
export const Provisioning = later("Provisioning");
export const Sandbox = later("Sandbox");
export const TiktokPostLinks = later("TiktokPostLinks");

/** Returns a class with the calls of another one, which is loaded when the first of them is made. */
function later(name: keyof typeof import("./laterCalls")) {
  const callsOf = (transport: Transport) => ({
    get:
      (_: object, method: string) =>
      async (...params: readonly unknown[]) => {
        const { [name]: Calls } = await import("./laterCalls");
        const calls = new Calls(transport) as unknown as Readonly<Record<string, (...of: typeof params) => unknown>>;
        return calls[method]?.(...params);
      },
  });
  return new Proxy(class {}, { construct: (_, [transport]) => new Proxy({}, callsOf(transport)) });
}

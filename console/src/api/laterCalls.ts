/** The client's calls of which only a few screens make any. */
export { AuditLog } from "../../../sdk/typescript/src/generated/audit-log";
export { ConnectLinks } from "../../../sdk/typescript/src/generated/connect-links";
export { Imports } from "../../../sdk/typescript/src/generated/imports";
export { Layers } from "../../../sdk/typescript/src/generated/layers";
export { Organizations } from "../../../sdk/typescript/src/generated/organizations";
export { PlatformApps } from "../../../sdk/typescript/src/generated/platform-apps";
export { Provisioning } from "../../../sdk/typescript/src/generated/provisioning";
export { Sandbox } from "../../../sdk/typescript/src/generated/sandbox";
export { TiktokPostLinks } from "../../../sdk/typescript/src/generated/tiktok-post-links";

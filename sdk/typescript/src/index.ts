export type { RequestOptions } from "./calls.js";
export { type ClientOptions, Presswork } from "./client.js";
export { Presswork as default } from "./client.js";
export type { UploadFilesParams, UploadProgress } from "./content.js";
export {
  APIConnectionError,
  APIStatusError,
  APITimeoutError,
  InvalidResponseError,
  InvalidArgumentError,
  type Issue,
  PressworkError,
  WaitTimeoutError,
  WebhookVerificationError,
} from "./errors.js";
export type { StreamEvent, StreamOptions, StreamReset } from "./events.js";
export type { FileData, FileSource } from "./files.js";
export * from "./generated/errors.js";
export type * from "./generated/events.js";
export type * from "./generated/models.js";
export type * from "./generated/params.js";
export type { LogLevel, Logger } from "./log.js";
export { Page, Pages } from "./pages.js";
export {
  type ExportPostsParams,
  type Publication,
  type PublishFilesParams,
  type PublishParams,
  type PublishTextParams,
  type WaitOptions,
  target,
} from "./publishing.js";
export { ApiPromise, ApiResponse, type WithResponse } from "./responses.js";
export type { ExportInsightsParams } from "./results.js";
export type { ExportUsageParams } from "./usage.js";
export * as webhooks from "./webhooks.js";
export { VERSION } from "./version.js";

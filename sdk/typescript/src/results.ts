import type { RequestOptions } from "./calls.js";
import type { Environment } from "./generated/models.js";
import type { ResultsSummarizeParams } from "./generated/params.js";
import { ResultsCalls } from "./generated/results.js";

export interface ExportInsightsParams extends Omit<ResultsSummarizeParams, "groupBy" | "timezone" | "order" | "limit"> {
  readonly format: "csv" | "jsonl";
  /** The environment of a session; that of a key is known. */
  readonly environment?: Environment | undefined;
}

/** Read the numbers of live posts and of accounts. */
export class Results extends ResultsCalls {
  /**
   * Returns the response with one file of the last numbers of all posts that match: read its `body` as it arrives, or its `blob()`.
   * The filters are those of summarize. The body fails if it is cut off.
   */
  export(params: ExportInsightsParams, options: RequestOptions = {}): Promise<Response> {
    const call = { method: "GET", path: "/v1/insights/export" };
    return this._transport.download(call, { query: { ...params } }, options);
  }
}

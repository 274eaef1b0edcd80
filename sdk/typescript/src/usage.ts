import type { RequestOptions } from "./calls.js";
import type { Environment } from "./generated/models.js";
import type { UsageGetParams } from "./generated/params.js";
import { UsageCalls } from "./generated/usage.js";

export interface ExportUsageParams extends UsageGetParams {
  /** The environment of a session; that of a key is known. */
  readonly environment?: Environment | undefined;
}

/** Read what the organization has used, and its limits. */
export class Usage extends UsageCalls {
  /** Returns the response with one CSV file of what was used. The parameters are those of get. */
  export(params: ExportUsageParams = {}, options: RequestOptions = {}): Promise<Response> {
    const call = { method: "GET", path: "/v1/usage/export" };
    return this._transport.download(call, { query: { ...params } }, options);
  }
}

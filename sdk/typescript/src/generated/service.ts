// Who you are, and how the service is.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { ApiPromise } from "../responses.js";
import type { Caller, Health, Readiness } from "./models.js";
import type { ServiceGetReadinessParams } from "./params.js";

/** Who you are, and how the service is. */
export class Service {
  constructor(protected readonly client: Transport) {}

  /**
   * Show who is calling.
   *
   * Tell which organization and environment the key belongs to, and what it may do. Any key will do.
   *
   * @throws InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError, UnavailableError.
   */
  whoami(options?: RequestOptions): ApiPromise<Caller> {
    return this.client.call<Caller>(
      { method: "GET", path: "/v1/whoami", takesKey: false },
      {},
      options,
    );
  }

  /**
   * Is the process alive?.
   *
   * Answer 200 as long as the process runs.
   *
   * @throws InternalError, MethodNotAllowedError.
   */
  getHealth(options?: RequestOptions): ApiPromise<Health> {
    return this.client.call<Health>(
      { method: "GET", path: "/healthz", takesKey: false },
      {},
      options,
    );
  }

  /**
   * Can it do its work?.
   *
   * Answer 200 when the database is there and migrated, a worker was seen lately and no post is late, else 503 with
   * why.
   *
   * @throws InternalError, ValidationError.
   */
  getReadiness(params: ServiceGetReadinessParams = {}, options?: RequestOptions): ApiPromise<Readiness> {
    const { part } = params;
    return this.client.call<Readiness>(
      { method: "GET", path: "/readyz", takesKey: false },
      { query: { part } },
      options,
    );
  }
}

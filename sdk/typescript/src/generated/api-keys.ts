// Make, change and end API keys.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { Pages } from "../pages.js";
import type { ApiPromise } from "../responses.js";
import type { ApiKey, ApiKeyPage, CreatedApiKey } from "./models.js";
import type { ApiKeysCreateParams, ApiKeysGetParams, ApiKeysKillParams, ApiKeysListParams, ApiKeysReviveParams, ApiKeysRevokeParams, ApiKeysUpdateParams } from "./params.js";

/** Make, change and end API keys. */
export class ApiKeys {
  constructor(protected readonly client: Transport) {}

  /**
   * Make a key.
   *
   * Make a key of the calling key's organization and environment. What its holder sends is shown this once.
   *
   * A repetition under the same Idempotency-Key shows it again, for 24 hours; until then the answer is kept sealed.
   *
   * Scope: `org:admin`.
   *
   * @throws ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, PayloadTooLargeError,
   * RateLimitedError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError, ValidationError.
   */
  create(params: ApiKeysCreateParams, options?: RequestOptions): ApiPromise<CreatedApiKey> {
    const { scopes, name, tier, returnDomains, operatorId } = params;
    return this.client.call<CreatedApiKey>(
      { method: "POST", path: "/v1/api-keys", takesKey: true },
      { body: { name, scopes, tier, returnDomains, operatorId } },
      options,
    );
  }

  /**
   * List keys.
   *
   * List the keys of the calling key's organization and environment, oldest first, those that have ended too.
   *
   * Scope: `org:admin`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
   * UnavailableError, ValidationError.
   */
  list(params: ApiKeysListParams = {}, options?: RequestOptions): Pages<ApiKey, ApiKeyPage> {
    const { limit } = params;
    return this.client.page<ApiKey, ApiKeyPage>(
      { method: "GET", path: "/v1/api-keys", takesKey: false },
      (answer) => answer.items,
      { query: { limit } },
      options,
    );
  }

  /**
   * Read a key.
   *
   * Read one key.
   *
   * Scope: `org:admin`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError.
   */
  get(params: ApiKeysGetParams, options?: RequestOptions): ApiPromise<ApiKey> {
    const { keyId } = params;
    return this.client.call<ApiKey>(
      { method: "GET", path: "/v1/api-keys/{keyId}", takesKey: false },
      { path: { keyId } },
      options,
    );
  }

  /**
   * Change a key.
   *
   * Change what is named, leave the rest; it counts from the next call on, on every node.
   *
   * Scope: `org:admin`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  update(params: ApiKeysUpdateParams, options?: RequestOptions): ApiPromise<ApiKey> {
    const { keyId, name, tier, returnDomains, operatorId } = params;
    return this.client.call<ApiKey>(
      { method: "PATCH", path: "/v1/api-keys/{keyId}", takesKey: true },
      { path: { keyId }, body: { name, tier, returnDomains, operatorId } },
      options,
    );
  }

  /**
   * Revoke a key.
   *
   * End a key for good, on every node at once: calls with it answer 401. A second call tells the same.
   *
   * The calling key can't end itself.
   *
   * Scope: `org:admin`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, RateLimitedError, UnauthenticatedError, UnavailableError, ValidationError.
   */
  revoke(params: ApiKeysRevokeParams, options?: RequestOptions): ApiPromise<ApiKey> {
    const { keyId } = params;
    return this.client.call<ApiKey>(
      { method: "DELETE", path: "/v1/api-keys/{keyId}", takesKey: true },
      { path: { keyId } },
      options,
    );
  }

  /**
   * Switch a key off.
   *
   * Switch a key off in an emergency, on every node at once: calls with it answer 503 `KILL_SWITCH`.
   *
   * The calling key can't switch itself off.
   *
   * Scope: `org:admin`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  kill(params: ApiKeysKillParams, options?: RequestOptions): ApiPromise<ApiKey> {
    const { keyId } = params;
    return this.client.call<ApiKey>(
      { method: "POST", path: "/v1/api-keys/{keyId}/kill", takesKey: true },
      { path: { keyId }, body: {} },
      options,
    );
  }

  /**
   * Switch a key on again.
   *
   * Switch a key on again that was switched off by this API. What the operator of the service switched off stays
   * off.
   *
   * Scope: `org:admin`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  revive(params: ApiKeysReviveParams, options?: RequestOptions): ApiPromise<ApiKey> {
    const { keyId } = params;
    return this.client.call<ApiKey>(
      { method: "POST", path: "/v1/api-keys/{keyId}/revive", takesKey: true },
      { path: { keyId }, body: {} },
      options,
    );
  }
}

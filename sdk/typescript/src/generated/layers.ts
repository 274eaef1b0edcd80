// Hand accounts to a managed provider.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { Pages } from "../pages.js";
import type { ApiPromise } from "../responses.js";
import type { DeletedLayer, Layer, LayerPage } from "./models.js";
import type { LayersCreateParams, LayersDeleteParams, LayersGetParams, LayersListParams, LayersUpdateParams } from "./params.js";

/** Hand accounts to a managed provider. */
export class Layers {
  constructor(protected readonly client: Transport) {}

  /**
   * Make a layer.
   *
   * Make a layer of a project's accounts. An account belongs to one layer at most.
   *
   * An account that is not a connected one of the project is 404, one of another layer 409; `details` names it.
   *
   * Scope: `projects:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  create(params: LayersCreateParams, options?: RequestOptions): ApiPromise<Layer> {
    const { projectId, templateId, config, socialAccountIds } = params;
    return this.client.call<Layer>(
      { method: "POST", path: "/v1/projects/{projectId}/layers", takesKey: true },
      { path: { projectId }, body: { templateId, config, socialAccountIds } },
      options,
    );
  }

  /**
   * List a project's layers.
   *
   * Return layers, oldest first.
   *
   * Scope: `projects:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError, ValidationError.
   */
  list(params: LayersListParams, options?: RequestOptions): Pages<Layer, LayerPage> {
    const { projectId, limit } = params;
    return this.client.page<Layer, LayerPage>(
      { method: "GET", path: "/v1/projects/{projectId}/layers", takesKey: false },
      (answer) => answer.items,
      { path: { projectId }, query: { limit } },
      options,
    );
  }

  /**
   * Read a layer.
   *
   * Return one layer.
   *
   * Scope: `projects:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError.
   */
  get(params: LayersGetParams, options?: RequestOptions): ApiPromise<Layer> {
    const { projectId, layerId } = params;
    return this.client.call<Layer>(
      { method: "GET", path: "/v1/projects/{projectId}/layers/{layerId}", takesKey: false },
      { path: { projectId, layerId } },
      options,
    );
  }

  /**
   * Change a layer.
   *
   * Change what is named, leave the rest. Posts that a provider has already stay with it.
   *
   * Scope: `projects:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  update(params: LayersUpdateParams, options?: RequestOptions): ApiPromise<Layer> {
    const { projectId, layerId, templateId, config, socialAccountIds } = params;
    return this.client.call<Layer>(
      { method: "PATCH", path: "/v1/projects/{projectId}/layers/{layerId}", takesKey: true },
      { path: { projectId, layerId }, body: { templateId, config, socialAccountIds } },
      options,
    );
  }

  /**
   * Take a layer away.
   *
   * Take a layer away; its accounts stay connected, without one. Posts that a provider has already stay with it.
   *
   * Scope: `projects:write`.
   *
   * @throws ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
   * RateLimitedError, UnauthenticatedError, UnavailableError, ValidationError.
   */
  delete(params: LayersDeleteParams, options?: RequestOptions): ApiPromise<DeletedLayer> {
    const { projectId, layerId } = params;
    return this.client.call<DeletedLayer>(
      { method: "DELETE", path: "/v1/projects/{projectId}/layers/{layerId}", takesKey: true },
      { path: { projectId, layerId } },
      options,
    );
  }
}

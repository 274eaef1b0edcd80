// Be told what happens, and check who tells it.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { Pages } from "../pages.js";
import type { ApiPromise } from "../responses.js";
import type { CreatedWebhookEndpoint, DeletedWebhookEndpoint, RotatedSecret, WebhookDelivery, WebhookDeliveryPage, WebhookEndpoint, WebhookEndpointPage } from "./models.js";
import type { WebhooksCreateEndpointParams, WebhooksDeleteEndpointParams, WebhooksGetEndpointParams, WebhooksListDeliveriesParams, WebhooksListEndpointsParams, WebhooksReplayDeliveryParams, WebhooksRotateSecretParams, WebhooksSendTestParams, WebhooksUpdateEndpointParams } from "./params.js";

/** Be told what happens, and check who tells it. */
export class WebhooksCalls {
  constructor(protected readonly client: Transport) {}

  /**
   * Make a webhook endpoint.
   *
   * Say where you want to be told what happens. The answer shows the signing secret, once.
   *
   * Messages are signed as Standard Webhooks has it. What happens from now on is told; nothing that happened before.
   *
   * Scope: `webhooks:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  createEndpoint(params: WebhooksCreateEndpointParams, options?: RequestOptions): ApiPromise<CreatedWebhookEndpoint> {
    const { url, events, description, projectId } = params;
    return this.client.call<CreatedWebhookEndpoint>(
      { method: "POST", path: "/v1/webhook-endpoints", takesKey: true },
      { body: { url, events, description, projectId } },
      options,
    );
  }

  /**
   * List webhook endpoints.
   *
   * Return the endpoints of the key's organization and environment, oldest first.
   *
   * Scope: `webhooks:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
   * UnavailableError, ValidationError.
   */
  listEndpoints(params: WebhooksListEndpointsParams = {}, options?: RequestOptions): Pages<WebhookEndpoint, WebhookEndpointPage> {
    const { limit } = params;
    return this.client.page<WebhookEndpoint, WebhookEndpointPage>(
      { method: "GET", path: "/v1/webhook-endpoints", takesKey: false },
      (answer) => answer.items,
      { query: { limit } },
      options,
    );
  }

  /**
   * Read a webhook endpoint.
   *
   * Return one endpoint, and whether it is paused and why.
   *
   * Scope: `webhooks:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError.
   */
  getEndpoint(params: WebhooksGetEndpointParams, options?: RequestOptions): ApiPromise<WebhookEndpoint> {
    const { endpointId } = params;
    return this.client.call<WebhookEndpoint>(
      { method: "GET", path: "/v1/webhook-endpoints/{endpointId}", takesKey: false },
      { path: { endpointId } },
      options,
    );
  }

  /**
   * Change a webhook endpoint.
   *
   * Change what is named, leave the rest. A paused endpoint is resumed with `{"status": "active"}`.
   *
   * While it is paused, events are kept for it, seven days at most; they go out when it is resumed.
   *
   * Scope: `webhooks:write`.
   *
   * @throws ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
   * PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError,
   * ValidationError.
   */
  updateEndpoint(params: WebhooksUpdateEndpointParams, options?: RequestOptions): ApiPromise<WebhookEndpoint> {
    const { endpointId, url, events, description, status } = params;
    return this.client.call<WebhookEndpoint>(
      { method: "PATCH", path: "/v1/webhook-endpoints/{endpointId}", takesKey: true },
      { path: { endpointId }, body: { url, events, description, status } },
      options,
    );
  }

  /**
   * Remove a webhook endpoint.
   *
   * Remove an endpoint, its log, and what was still to be delivered to it.
   *
   * Scope: `webhooks:write`.
   *
   * @throws ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
   * RateLimitedError, UnauthenticatedError, UnavailableError, ValidationError.
   */
  deleteEndpoint(params: WebhooksDeleteEndpointParams, options?: RequestOptions): ApiPromise<DeletedWebhookEndpoint> {
    const { endpointId } = params;
    return this.client.call<DeletedWebhookEndpoint>(
      { method: "DELETE", path: "/v1/webhook-endpoints/{endpointId}", takesKey: true },
      { path: { endpointId } },
      options,
    );
  }

  /**
   * Test a webhook endpoint.
   *
   * Have a `test.ping` delivered, whatever the endpoint is subscribed to, and even while it is paused.
   *
   * What became of it stands among the endpoint's deliveries.
   *
   * Scope: `webhooks:write`.
   *
   * @throws ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
   * PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError,
   * ValidationError.
   */
  sendTest(params: WebhooksSendTestParams, options?: RequestOptions): ApiPromise<WebhookDelivery> {
    const { endpointId } = params;
    return this.client.call<WebhookDelivery>(
      { method: "POST", path: "/v1/webhook-endpoints/{endpointId}/test", takesKey: true },
      { path: { endpointId }, body: {} },
      options,
    );
  }

  /**
   * Change an endpoint's signing secret.
   *
   * Give the endpoint another secret, which the answer shows, once.
   *
   * For 24 hours messages carry two signatures, one by each secret, so that the receiver can be changed over in
   * peace. A second rotation within that time ends the overlap of the first.
   *
   * Scope: `webhooks:write`.
   *
   * @throws ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
   * PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError,
   * ValidationError.
   */
  rotateSecret(params: WebhooksRotateSecretParams, options?: RequestOptions): ApiPromise<RotatedSecret> {
    const { endpointId } = params;
    return this.client.call<RotatedSecret>(
      { method: "POST", path: "/v1/webhook-endpoints/{endpointId}/rotate-secret", takesKey: true },
      { path: { endpointId }, body: {} },
      options,
    );
  }

  /**
   * List an endpoint's deliveries.
   *
   * Return what was delivered, or is to be, latest first, with every attempt. It is kept for 30 days.
   *
   * Scope: `webhooks:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError, ValidationError.
   */
  listDeliveries(params: WebhooksListDeliveriesParams, options?: RequestOptions): Pages<WebhookDelivery, WebhookDeliveryPage> {
    const { endpointId, status, eventType, limit } = params;
    return this.client.page<WebhookDelivery, WebhookDeliveryPage>(
      { method: "GET", path: "/v1/webhook-endpoints/{endpointId}/deliveries", takesKey: false },
      (answer) => answer.items,
      { path: { endpointId }, query: { status, eventType, limit } },
      options,
    );
  }

  /**
   * Deliver an event again.
   *
   * Have the same event delivered once more, under the same `webhook-id` and with the same body.
   *
   * Where the delivery is over, the answer is a new one; where it is still pending, it goes out at once.
   *
   * Scope: `webhooks:write`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  replayDelivery(params: WebhooksReplayDeliveryParams, options?: RequestOptions): ApiPromise<WebhookDelivery> {
    const { deliveryId } = params;
    return this.client.call<WebhookDelivery>(
      { method: "POST", path: "/v1/webhook-deliveries/{deliveryId}/replay", takesKey: true },
      { path: { deliveryId }, body: {} },
      options,
    );
  }
}

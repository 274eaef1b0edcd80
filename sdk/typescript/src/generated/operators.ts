// People who are reached by phone.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { Pages } from "../pages.js";
import type { ApiPromise } from "../responses.js";
import type { Operator, OperatorPage, SentCode } from "./models.js";
import type { OperatorsConfirmPhoneParams, OperatorsCreateParams, OperatorsGetParams, OperatorsListParams, OperatorsUpdateParams, OperatorsVerifyPhoneParams } from "./params.js";

/** People who are reached by phone. */
export class Operators {
  constructor(protected readonly client: Transport) {}

  /**
   * Make an operator.
   *
   * Make a person known who may be texted. Operators belong to the organization, in both environments.
   *
   * Scope: `org:admin`.
   *
   * @throws ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, PayloadTooLargeError,
   * RateLimitedError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError, ValidationError.
   */
  create(params: OperatorsCreateParams, options?: RequestOptions): ApiPromise<Operator> {
    const { name, phone, isPrimary } = params;
    return this.client.call<Operator>(
      { method: "POST", path: "/v1/operators", takesKey: true },
      { body: { name, phone, isPrimary } },
      options,
    );
  }

  /**
   * List operators.
   *
   * List the organization's operators, oldest first.
   *
   * Scope: `org:admin`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
   * UnavailableError, ValidationError.
   */
  list(params: OperatorsListParams = {}, options?: RequestOptions): Pages<Operator, OperatorPage> {
    const { limit } = params;
    return this.client.page<Operator, OperatorPage>(
      { method: "GET", path: "/v1/operators", takesKey: false },
      (answer) => answer.items,
      { query: { limit } },
      options,
    );
  }

  /**
   * Read an operator.
   *
   * Read one operator.
   *
   * Scope: `org:admin`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, NotFoundError, RateLimitedError,
   * UnauthenticatedError, UnavailableError.
   */
  get(params: OperatorsGetParams, options?: RequestOptions): ApiPromise<Operator> {
    const { operatorId } = params;
    return this.client.call<Operator>(
      { method: "GET", path: "/v1/operators/{operatorId}", takesKey: false },
      { path: { operatorId } },
      options,
    );
  }

  /**
   * Change an operator.
   *
   * Change what is named, leave the rest. Another phone has to be verified before anything is texted to it.
   *
   * Scope: `org:admin`.
   *
   * @throws ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError, NotFoundError,
   * PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError, UnsupportedMediaTypeError,
   * ValidationError.
   */
  update(params: OperatorsUpdateParams, options?: RequestOptions): ApiPromise<Operator> {
    const { operatorId, name, phone, isPrimary } = params;
    return this.client.call<Operator>(
      { method: "PATCH", path: "/v1/operators/{operatorId}", takesKey: true },
      { path: { operatorId }, body: { name, phone, isPrimary } },
      options,
    );
  }

  /**
   * Text a code to an operator's phone.
   *
   * Text a code of six digits to the operator's phone, once a minute at most. It is good for ten minutes.
   *
   * With a key of the test environment the text goes to the sandbox, which shows it under /sandbox/control/messages,
   * and the phone counts as verified in test projects only. A code takes the place of the one before it, of either
   * environment.
   *
   * Scope: `org:admin`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, PhoneRequiredError, RateLimitedError, UnauthenticatedError,
   * UnavailableError, UnsupportedMediaTypeError, ValidationError.
   */
  verifyPhone(params: OperatorsVerifyPhoneParams, options?: RequestOptions): ApiPromise<SentCode> {
    const { operatorId } = params;
    return this.client.call<SentCode>(
      { method: "POST", path: "/v1/operators/{operatorId}/verify-phone", takesKey: true },
      { path: { operatorId }, body: {} },
      options,
    );
  }

  /**
   * Confirm an operator's phone.
   *
   * Verify the phone by the code that came to it. After five wrong codes a new one has to be sent.
   *
   * Only keys of the environment that the code was sent in can confirm it. In `live` the phone is verified for test
   * projects, too.
   *
   * Scope: `org:admin`.
   *
   * @throws ConflictError, ForbiddenScopeError, IdempotencyConflictError, InternalError, KillSwitchError,
   * NotFoundError, PayloadTooLargeError, RateLimitedError, UnauthenticatedError, UnavailableError,
   * UnsupportedMediaTypeError, ValidationError.
   */
  confirmPhone(params: OperatorsConfirmPhoneParams, options?: RequestOptions): ApiPromise<Operator> {
    const { operatorId, code } = params;
    return this.client.call<Operator>(
      { method: "POST", path: "/v1/operators/{operatorId}/confirm-phone", takesKey: true },
      { path: { operatorId }, body: { code } },
      options,
    );
  }
}

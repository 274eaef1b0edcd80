import type { ApiResponse } from "./responses.js";

/** Base class of this package's errors. The message says what is wrong and what to do. */
export class PressworkError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** There was no response, so the call may have had its effect. Repeat it with the same idempotency key. */
export class APIConnectionError extends PressworkError {
  /** The key that the call was sent with. */
  readonly idempotencyKey: string | undefined;

  constructor(message: string, options: ErrorOptions & { idempotencyKey?: string | undefined } = {}) {
    super(message, options);
    this.idempotencyKey = options.idempotencyKey;
  }
}

/** There was no response within `timeoutSeconds`. */
export class APITimeoutError extends APIConnectionError {}

/** The response is not one of the Presswork API, for example the page of a proxy. */
export class InvalidAnswerError extends PressworkError {
  constructor(
    message: string,
    readonly response: ApiResponse,
  ) {
    super(message);
  }
}

/** A post was not finished in time; it is still processed. */
export class WaitTimeoutError extends PressworkError {}

/** The request is not a valid webhook: wrong signature, wrong secret, or too old. Respond with 400. */
export class WebhookVerificationError extends PressworkError {}

/** Presswork refused the call. There is a subclass for each known code. */
export class APIStatusError extends PressworkError {
  readonly code: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    message: string,
    error: { code?: string | undefined; details?: Readonly<Record<string, unknown>> | undefined },
    readonly response: ApiResponse,
  ) {
    super(message);
    this.code = error.code;
    this.details = error.details ?? {};
  }

  /** The HTTP status. */
  get statusCode(): number {
    return this.response.statusCode;
  }

  /** The request id. Quote it when you report a problem to the server's operator. */
  get requestId(): string | undefined {
    return this.response.requestId;
  }
}

import type { ApiResponse } from "./responses.js";

/** Whatever this package throws by itself. The message is a sentence that says what to do next. */
export class PressworkError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No answer came. Whether the call had its effect is not known; the same idempotency key makes a repetition safe. */
export class APIConnectionError extends PressworkError {
  /** The key under which the call can be repeated. */
  readonly idempotencyKey: string | undefined;

  constructor(message: string, options: ErrorOptions & { idempotencyKey?: string | undefined } = {}) {
    super(message, options);
    this.idempotencyKey = options.idempotencyKey;
  }
}

/** No answer came in time. */
export class APITimeoutError extends APIConnectionError {}

/** Something answered, but not as Presswork does: a proxy's page, or another program. */
export class InvalidAnswerError extends PressworkError {
  constructor(
    message: string,
    readonly response: ApiResponse,
  ) {
    super(message);
  }
}

/** What was waited for did not come in time; it may still come. */
export class WaitTimeoutError extends PressworkError {}

/** The request was not made by Presswork, or not lately, or for another secret. Answer it with 400. */
export class WebhookVerificationError extends PressworkError {}

/** Presswork refused the call. There is a class for each code; one that is new is this one. */
export class APIStatusError extends PressworkError {
  readonly code: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    message: string,
    said: { code?: string | undefined; details?: Readonly<Record<string, unknown>> | undefined },
    readonly response: ApiResponse,
  ) {
    super(message);
    this.code = said.code;
    this.details = said.details ?? {};
  }

  /** The HTTP status. */
  get statusCode(): number {
    return this.response.statusCode;
  }

  /** What to name to whoever runs the server. */
  get requestId(): string | undefined {
    return this.response.requestId;
  }
}

import type { ScheduledPost } from "./generated/models.js";
import type { ApiResponse } from "./responses.js";

/**
 * Base class of this package's errors. The message says what is wrong and what to do.
 *
 * `String(error)` and `JSON.stringify(error)` have all facts that the error has.
 */
export class PressworkError extends Error {
  /** The key that a write was sent with. Repeat the call with it, and nothing is done twice. */
  declare idempotencyKey?: string | undefined;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    hidden(this, "name", new.target.name);
  }

  override toString(): string {
    return `${this.name}: ${this.message}`;
  }

  /** What Node prints: everything, without the objects inside. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return [this.toString(), ...framesOf(this)].join("\n");
  }

  toJSON(): Record<string, unknown> {
    const cause = this.cause instanceof Error ? `${this.cause.name}: ${this.cause.message}` : this.cause;
    const facts = { ...(this as Record<string, unknown>), ...(cause === undefined ? {} : { cause }) };
    return { name: this.name, message: this.message, ...facts };
  }
}

/** An argument is wrong. Nothing was sent. */
export class InvalidArgumentError extends PressworkError {}

/** There was no response, so the call may have had its effect. Repeat it with the same idempotency key. */
export class APIConnectionError extends PressworkError {
  constructor(message: string, options: ErrorOptions & { idempotencyKey?: string | undefined } = {}) {
    super(message, options);
    if (options.idempotencyKey !== undefined) this.idempotencyKey = options.idempotencyKey;
  }

  override toString(): string {
    const repeat = ` The call may have had its effect. To repeat it safely, pass idempotencyKey: "${this.idempotencyKey}".`;
    return this.idempotencyKey === undefined ? super.toString() : super.toString() + repeat;
  }
}

/** There was no response within `timeoutSeconds`. */
export class APITimeoutError extends APIConnectionError {}

/** The response is not one of the Presswork API, for example the page of a proxy. */
export class InvalidResponseError extends PressworkError {
  declare readonly response: ApiResponse;
  /** The HTTP status. */
  readonly statusCode: number;

  constructor(message: string, response: ApiResponse) {
    super(`${message} ${excerpt(response)}`);
    hidden(this, "response", response);
    this.statusCode = response.statusCode;
  }
}

/** Posts were not finished in time; they are still processed. */
export class WaitTimeoutError extends PressworkError {
  /** Every post as it was read last, in the order of the ids. */
  declare readonly posts: readonly ScheduledPost[];
  /** The ids of the posts that are not finished. Pass them to `waitAll` to wait longer. */
  readonly pendingIds: readonly string[];

  constructor(message: string, posts: readonly ScheduledPost[] = [], pendingIds: readonly string[] = []) {
    super(message);
    hidden(this, "posts", posts);
    this.pendingIds = pendingIds;
  }
}

/** The request is not a valid webhook: wrong signature, wrong secret, or too old. Respond with 400. */
export class WebhookVerificationError extends PressworkError {}

/** One issue of a `VALIDATION` error. */
export interface Issue {
  readonly path: string;
  readonly message: string;
  readonly code?: string;
}

/** Presswork refused the call. There is a subclass for each known code. */
export class APIStatusError extends PressworkError {
  readonly code: string | undefined;
  /** The HTTP status. */
  readonly statusCode: number;
  /** The request id. Quote it when you report a problem to the server's operator. */
  readonly requestId: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  /** Page about the code: what it means, and what to do. */
  readonly docUrl: string | undefined;
  declare readonly response: ApiResponse;

  constructor(
    message: string,
    error: {
      code?: string | undefined;
      details?: Readonly<Record<string, unknown>> | undefined;
      docUrl?: string | undefined;
    },
    response: ApiResponse,
  ) {
    super(message);
    this.code = error.code;
    this.statusCode = response.statusCode;
    this.requestId = response.requestId;
    this.details = error.details ?? {};
    this.docUrl = error.docUrl;
    hidden(this, "response", response);
    hidden(this, "stack", [this.toString(), ...framesOf(this)].join("\n")); // what an uncaught error and most loggers print
  }

  /** The issues of a `VALIDATION` error. */
  get issues(): readonly Issue[] {
    const found = this.details["issues"];
    return Array.isArray(found) ? found : [];
  }

  /** Returns the message with status, code and request id, then every issue and the other details, one a line. */
  override toString(): string {
    const facts = [this.statusCode, this.code, `request ${this.requestId ?? "without an id"}`];
    const message = this.message.replace(/ \(\d+ more in details\.issues\)$/, ""); // every issue follows
    const issues = this.issues.map(({ path, message: said, code }) => `${path || "body"}: ${said}${code ? ` [${code}]` : ""}`);
    const isSaid = issues.length === 1 && issues[0]!.startsWith(message);
    const others = Object.entries(this.details)
      .filter(([name]) => name !== "issues" || issues.length === 0)
      .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
    const first = `${this.name}: ${message} (${facts.filter((fact) => fact !== undefined).join(", ")})`;
    return [first, ...[...(isSaid ? [] : issues), ...others].map((line) => `  ${line}`)].join("\n");
  }
}

/** Returns a sentence with the beginning of a response. */
export function excerpt(response: ApiResponse): string {
  const start = response.text.slice(0, 800).replace(/\s+/g, " ").trim();
  const shown = start.length <= 200 ? start : `${start.slice(0, 200)}…`;
  return shown ? `The response begins with: ${shown}` : "The response is empty.";
}

function framesOf(error: Error): readonly string[] {
  return (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
}

/** Sets a property that is left out of printed and serialized errors. */
function hidden(error: object, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, enumerable: false, writable: true, configurable: true });
}

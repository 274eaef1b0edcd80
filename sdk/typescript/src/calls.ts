import { APIStatusError, InvalidAnswerError } from "./errors.js";
import { errorsByCode } from "./generated/errors.js";
import type { ApiResponse } from "./responses.js";
import { VERSION } from "./version.js";

/** One operation of the API. */
export interface Call {
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  /** Whether an idempotency key makes it safe to repeat. */
  readonly takesKey: boolean;
}

/** How one call is made. What is left out is the client's. */
export interface RequestOptions {
  /** Kept across retries; one is made for every call that takes one. */
  readonly idempotencyKey?: string | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly maxRetries?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Gives the call up; whether it had its effect is not known then. */
  readonly signal?: AbortSignal | undefined;
}

export interface Parts {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/** A call, ready to be sent as often as needed: the same text and the same idempotency key each time. */
export interface Written {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly idempotencyKey: string | undefined;
}

const FIRST_WAIT_SECONDS = 0.5;
const LONGEST_WAIT_SECONDS = 8;
/** A server that asks for a longer wait than this gets no second try: the caller decides. */
const LONGEST_RETRY_AFTER_SECONDS = 60;
/** Refusals in the 500s that waiting does not mend. */
const NEVER_AGAIN: ReadonlySet<unknown> = new Set(["KILL_SWITCH"]);

/** Writes a call. Throws a TypeError for a path parameter that is empty. */
export function write(call: Call, parts: Parts, options: RequestOptions): Written {
  const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = parts.path?.[name];
    if (!value) throw new TypeError(`${name} is empty; the call would go somewhere else. Give the id.`);
    return encodeURIComponent(value);
  });
  const idempotencyKey = call.takesKey ? (options.idempotencyKey ?? crypto.randomUUID()) : undefined;
  const body = parts.body === undefined ? undefined : JSON.stringify(parts.body);
  return {
    method: call.method,
    path: path + queryOf(parts.query ?? {}),
    headers: {
      Accept: "application/json",
      "User-Agent": `presswork-client-typescript/${VERSION}`,
      ...(idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...options.headers,
    },
    body,
    idempotencyKey,
  };
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === undefined || item === null) continue;
      found.append(name, item instanceof Date ? item.toISOString() : String(item));
    }
  }
  return found.size ? `?${found}` : "";
}

/** Tells whether the same call may be answered otherwise in a moment. A conflict never is. */
export function isWorthAnotherTry(response: ApiResponse): boolean {
  const isPassing =
    response.statusCode === 429 || (response.statusCode >= 500 && !NEVER_AGAIN.has(errorOf(response)["code"]));
  return isPassing && waitAskedFor(response) <= LONGEST_RETRY_AFTER_SECONDS;
}

/** Returns how long to wait after an attempt (the first is 1): what the server asks for, or longer each time. */
export function waitSeconds(attempt: number, response: ApiResponse | undefined): number {
  const longest = Math.min(FIRST_WAIT_SECONDS * 2 ** (attempt - 1), LONGEST_WAIT_SECONDS);
  const own = longest * (1 - 0.25 * Math.random());
  return response === undefined ? own : Math.max(own, waitAskedFor(response));
}

/** Reads an answer. Throws the error of its code, or InvalidAnswerError where it is none of this API's. */
export function read(response: ApiResponse): unknown {
  if (response.statusCode >= 300) throw refusal(response);
  const found = parsed(response.text);
  if (typeof found === "object" && found !== null) return found;
  throw new InvalidAnswerError(
    `The server's answer (${response.statusCode}) is not what this client reads. Is baseUrl the address of Presswork itself?`,
    response,
  );
}

/** Returns the error that an answer stands for. */
export function refusal(response: ApiResponse): APIStatusError {
  const error = errorOf(response);
  const code = typeof error["code"] === "string" ? error["code"] : undefined;
  const kind = (code === undefined ? undefined : errorsByCode[code]) ?? APIStatusError;
  return new kind(
    typeof error["message"] === "string"
      ? error["message"]
      : `The server answered ${response.statusCode} without saying why.`,
    { code, details: isObject(error["details"]) ? error["details"] : {} },
    response,
  );
}

function errorOf(response: ApiResponse): Readonly<Record<string, unknown>> {
  const body = parsed(response.text);
  return isObject(body) && isObject(body["error"]) ? body["error"] : {};
}

/** `Retry-After` in seconds; 0 where it is not there, or is a date. */
function waitAskedFor(response: ApiResponse): number {
  const seconds = Number(response.headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

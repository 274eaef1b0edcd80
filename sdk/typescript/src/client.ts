import {
  type Call,
  type Parts,
  type RequestOptions,
  backoffSeconds,
  isRetryable,
  parseResponse,
  serialize,
  statusError,
} from "./calls.js";
import { APIConnectionError, APITimeoutError, PressworkError } from "./errors.js";
import { Resources } from "./generated/resources.js";
import { Page, Pages } from "./pages.js";
import { pause } from "./pause.js";
import { ApiPromise, ApiResponse, type WithResponse } from "./responses.js";

export interface ClientOptions {
  /** `lp_…`; the default is the environment variable PRESSWORK_API_KEY. */
  readonly apiKey?: string | undefined;
  /** The server's address; the default is PRESSWORK_BASE_URL, or this machine. */
  readonly baseUrl?: string | undefined;
  /** The timeout of one attempt; the default is 60. */
  readonly timeoutSeconds?: number | undefined;
  /** The maximum number of retries of a call; the default is 3. */
  readonly maxRetries?: number | undefined;
  /** Another `fetch`, for example with a proxy or certificates. */
  readonly fetch?: typeof fetch | undefined;
}

/** The address of `presswork up`. */
const DEFAULT_BASE_URL = "http://127.0.0.1:8000";
const DEFAULT_TIMEOUT_SECONDS = 60;
const DEFAULT_MAX_RETRIES = 3;

/**
 * Client of the Presswork API. Create one and reuse it.
 *
 * Calls are retried after a lost connection, 429 and 5xx, at most `maxRetries` times. Every write has an idempotency key,
 * and all retries of a call send the same one: nothing is done twice.
 */
export class Presswork extends Resources {
  readonly baseUrl: string;
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
  readonly #authorization: string;
  readonly #fetch: typeof fetch;

  /** Throws a PressworkError if there is no key. */
  constructor(options: ClientOptions = {}) {
    super();
    const key = options.apiKey ?? environment("PRESSWORK_API_KEY");
    if (!key) throw new PressworkError("There is no API key. Pass { apiKey }, or set PRESSWORK_API_KEY.");
    this.baseUrl = (options.baseUrl ?? environment("PRESSWORK_BASE_URL") ?? DEFAULT_BASE_URL).replace(/\/+$/, "");
    this.timeoutSeconds = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    this.maxRetries = options.maxRetries ?? DEFAULT_MAX_RETRIES;
    this.#authorization = `Bearer ${key}`;
    this.#fetch = options.fetch ?? ((...request) => fetch(...request));
  }

  /** Makes a call. The methods of the resources add names and types to it. */
  call<T>(call: Call, parts: Parts, options: RequestOptions = {}): ApiPromise<T> {
    return new ApiPromise(this.#called<T>(call, parts, options));
  }

  /** Returns a list; nothing is sent before it is awaited or iterated. */
  page<T, P>(call: Call, rows: (answer: P) => readonly T[], parts: Parts, options: RequestOptions = {}): Pages<T, P> {
    const fetchPage = async (cursor?: string): Promise<Page<T, P>> => {
      const asked = { ...parts, query: { ...parts.query, cursor } };
      const { data, response } = await this.#called<P>(call, asked, options);
      const next = (data as { nextCursor?: string | null }).nextCursor ?? null;
      return new Page(rows(data), next, data, response, fetchPage);
    };
    return new Pages(() => fetchPage());
  }

  /** Uploads a file to a signed URL, without the API key. */
  async put(url: string, file: Blob, headers: Readonly<Record<string, string>>): Promise<void> {
    const response = await this.#sendWithRetries(
      (signal) => this.#fetch(url, { method: "PUT", headers, body: file, signal }),
      { what: "PUT of a file", idempotencyKey: undefined, options: {} },
    );
    if (response.statusCode >= 300) throw statusError(response);
  }

  async #called<T>(call: Call, parts: Parts, options: RequestOptions): Promise<WithResponse<T>> {
    const { method, path, headers, body = null, idempotencyKey } = serialize(call, parts, options);
    const authorized = { ...headers, Authorization: this.#authorization };
    const response = await this.#sendWithRetries(
      (signal) => this.#fetch(this.baseUrl + path, { method, headers: authorized, body, signal, redirect: "manual" }),
      { what: `${method} ${path.split("?")[0]}`, idempotencyKey, options },
    );
    return { data: parseResponse(response) as T, response };
  }

  async #sendWithRetries(
    send: (signal: AbortSignal) => Promise<Response>,
    call: { what: string; idempotencyKey: string | undefined; options: RequestOptions },
  ): Promise<ApiResponse> {
    const { what, idempotencyKey, options } = call;
    const retries = options.maxRetries ?? this.maxRetries;
    for (let attempt = 1; ; attempt++) {
      const timeout = AbortSignal.timeout((options.timeoutSeconds ?? this.timeoutSeconds) * 1000);
      const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
      let response: ApiResponse | undefined;
      try {
        const answer = await send(signal);
        response = new ApiResponse(answer.status, answer.headers, await answer.text(), attempt);
      } catch (error) {
        if (options.signal?.aborted) throw error; // the caller aborted
        if (attempt > retries) throw connectionError(error, what, attempt, timeout.aborted, idempotencyKey);
      }
      if (response !== undefined && (attempt > retries || !isRetryable(response))) return response;
      await pause(backoffSeconds(attempt, response), options.signal);
    }
  }
}

function connectionError(
  error: unknown,
  what: string,
  attempts: number,
  isTimeout: boolean,
  idempotencyKey: string | undefined,
): APIConnectionError {
  const repeat =
    idempotencyKey === undefined
      ? ""
      : " The call may have had its effect. To repeat it safely, pass this error's idempotencyKey.";
  const why = isTimeout ? "timeout" : error instanceof Error ? error.message : String(error);
  const kind = isTimeout ? APITimeoutError : APIConnectionError;
  return new kind(
    `${what} got no response in ${attempts} ${attempts === 1 ? "attempt" : "attempts"} (${why}). Check baseUrl, and that the server is running.${repeat}`,
    { cause: error, idempotencyKey },
  );
}

/** An environment variable; browsers have none. */
function environment(name: string): string | undefined {
  const found = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
  return found || undefined;
}

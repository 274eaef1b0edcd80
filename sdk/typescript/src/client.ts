import { type Call, type Parts, type RequestOptions, type Written, isWorthAnotherTry, read, refusal, waitSeconds, write } from "./calls.js";
import { APIConnectionError, APITimeoutError, PressworkError } from "./errors.js";
import { Resources } from "./generated/resources.js";
import { Page, Pages } from "./pages.js";
import { pause } from "./pause.js";
import { ApiPromise, ApiResponse, type WithResponse } from "./responses.js";

export interface ClientOptions {
  /** `lp_…`; left out: the environment's PRESSWORK_API_KEY. */
  readonly apiKey?: string | undefined;
  /** The server's address; left out: the environment's PRESSWORK_BASE_URL, or this machine. */
  readonly baseUrl?: string | undefined;
  /** How long one attempt may take: 60 seconds if nothing is said. */
  readonly timeoutSeconds?: number | undefined;
  /** How often a call is sent again at most: 3 times if nothing is said. */
  readonly maxRetries?: number | undefined;
  /** Another `fetch`, for proxies and certificates of your own. */
  readonly fetch?: typeof fetch | undefined;
}

/** Where `presswork up` listens. */
const DEFAULT_BASE_URL = "http://127.0.0.1:8000";
const DEFAULT_TIMEOUT_SECONDS = 60;
const DEFAULT_MAX_RETRIES = 3;

/**
 * Presswork over HTTP. Make one and keep it.
 *
 * Calls are sent again after a lost connection, 429 and 5xx, at most `maxRetries` times, the writing ones under one and
 * the same idempotency key: nothing is done twice.
 */
export class Presswork extends Resources {
  readonly baseUrl: string;
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
  readonly #authorization: string;
  readonly #fetch: typeof fetch;

  /** Throws a PressworkError without a key. */
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

  /** Makes a call. The methods of the resources are this with names and types. */
  call<T>(call: Call, parts: Parts, options: RequestOptions = {}): ApiPromise<T> {
    return new ApiPromise(this.#called<T>(call, parts, options));
  }

  /** Returns a list; nothing is sent before it is awaited or iterated over. */
  page<T, P>(call: Call, rows: (answer: P) => readonly T[], parts: Parts, options: RequestOptions = {}): Pages<T, P> {
    const fetchPage = async (cursor?: string): Promise<Page<T, P>> => {
      const asked = { ...parts, query: { ...parts.query, cursor } };
      const { data, response } = await this.#called<P>(call, asked, options);
      const next = (data as { nextCursor?: string | null }).nextCursor ?? null;
      return new Page(rows(data), next, data, response, fetchPage);
    };
    return new Pages(() => fetchPage());
  }

  /** Puts a file where the server said, without the key: the address is signed. */
  async put(url: string, file: Blob, headers: Readonly<Record<string, string>>): Promise<void> {
    const response = await this.#untilAnswered(
      (signal) => this.#fetch(url, { method: "PUT", headers, body: file, signal }),
      { what: "PUT of a file", idempotencyKey: undefined, options: {} },
    );
    if (response.statusCode >= 300) throw refusal(response);
  }

  async #called<T>(call: Call, parts: Parts, options: RequestOptions): Promise<WithResponse<T>> {
    const response = await this.#send(write(call, parts, options), options);
    return { data: read(response) as T, response };
  }

  #send(written: Written, options: RequestOptions): Promise<ApiResponse> {
    const { method, path, headers, body = null, idempotencyKey } = written;
    const authorized = { ...headers, Authorization: this.#authorization };
    return this.#untilAnswered(
      (signal) => this.#fetch(this.baseUrl + path, { method, headers: authorized, body, signal, redirect: "manual" }),
      { what: `${method} ${path.split("?")[0]}`, idempotencyKey, options },
    );
  }

  async #untilAnswered(
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
        if (options.signal?.aborted) throw error; // the caller's own wish
        if (attempt > retries) throw lost(error, what, attempt, timeout.aborted, idempotencyKey);
      }
      if (response !== undefined && (attempt > retries || !isWorthAnotherTry(response))) return response;
      await pause(waitSeconds(attempt, response), options.signal);
    }
  }
}

function lost(
  error: unknown,
  what: string,
  attempts: number,
  isLate: boolean,
  idempotencyKey: string | undefined,
): APIConnectionError {
  const repeat =
    idempotencyKey === undefined
      ? ""
      : " Whether it had its effect is not known: repeat it with this error's idempotencyKey.";
  const why = isLate ? "out of time" : error instanceof Error ? error.message : String(error);
  const kind = isLate ? APITimeoutError : APIConnectionError;
  return new kind(
    `${what} got no answer in ${attempts} ${attempts === 1 ? "try" : "tries"} (${why}). Check baseUrl and that the server runs.${repeat}`,
    { cause: error, idempotencyKey },
  );
}

/** A variable of the environment, where there is one: browsers have none. */
function environment(name: string): string | undefined {
  const found = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
  return found || undefined;
}

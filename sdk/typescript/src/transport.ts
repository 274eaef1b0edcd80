import { checkedRetries, checkedTimeout } from "./arguments.js";
import {
  type Call,
  type Parts,
  type RequestOptions,
  backoffSeconds,
  isRetryable,
  parseResponse,
  retryReason,
  serialize,
  statusError,
} from "./calls.js";
import { type Message, MessageParser } from "./events.js";
import { APIConnectionError, APITimeoutError, InvalidResponseError, PressworkError } from "./errors.js";
import type { Log } from "./log.js";
import { Page, Pages } from "./pages.js";
import { pause } from "./pause.js";
import { ApiPromise, ApiResponse, type WithResponse } from "./responses.js";

export interface TransportSettings {
  /** Of every call: they say who calls. */
  readonly headers: Readonly<Record<string, string>>;
  /** `include`: the browser sends its cookies. */
  readonly credentials: "include" | undefined;
  readonly baseUrl: string;
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
  readonly fetch: typeof fetch;
  readonly log: Log;
}

/** What is sent, as messages and logs name it. */
interface Sent {
  /** Method and path, without the query. */
  readonly what: string;
  readonly server: string;
  readonly idempotencyKey: string | undefined;
  readonly options: RequestOptions;
}

export interface StreamPosition {
  readonly after: string | undefined;
  readonly onConnected: (() => void) | undefined;
  readonly onDisconnected: (() => void) | undefined;
  readonly maxRetries: number | undefined;
}

/** A stream without a byte for this long has lost its connection: a heartbeat comes every 15 seconds. */
const SILENT_SECONDS = 45;

/** Sends calls, with retries. The resources use it; the client owns it. */
export class Transport {
  readonly #settings: TransportSettings;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
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
      if (!Array.isArray(rows(data))) {
        throw new InvalidResponseError("The server's response is not a page of a list.", response);
      }
      return new Page(rows(data), next, data, response, fetchPage);
    };
    return new Pages(() => fetchPage());
  }

  /** Yields the messages of a stream. Connects again after a lost connection, and resumes after the last message. */
  async *messages(
    call: Call,
    parts: Parts,
    options: RequestOptions,
    { after, onConnected, onDisconnected, maxRetries = Infinity }: StreamPosition,
  ): AsyncGenerator<Message, void, void> {
    const { path, shown, headers } = serialize(call, parts, options);
    const { baseUrl, credentials, headers: caller, log } = this.#settings;
    const cookies = credentials === undefined ? {} : { credentials };
    const what = `${call.method} ${shown}`;
    for (let attempt = 1, failures = 0; ; attempt++) {
      const silence = new AbortController();
      const signals = [silence.signal, ...(options.signal ? [options.signal] : [])];
      let timer = setTimeout(() => silence.abort(), SILENT_SECONDS * 1000);
      let refusal: ApiResponse | undefined;
      let failure: APIConnectionError | undefined;
      let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
      try {
        const resume = after === undefined ? {} : { "Last-Event-ID": after };
        const response = await this.#settings.fetch(baseUrl + path, {
          headers: { ...caller, ...headers, ...resume, Accept: "text/event-stream" },
          ...cookies,
          signal: AbortSignal.any(signals),
          redirect: "manual",
        });
        if (response.status !== 200 || response.body === null) {
          refusal = new ApiResponse(response.status, response.headers, await response.text(), attempt);
        } else {
          failures = 0;
          // It may start after a later event than was asked for, which only its first message, `stream.reset`, says.
          let startsAfter = response.headers.get("last-event-id") ?? undefined;
          after ??= startsAfter;
          onConnected?.();
          reader = response.body.getReader();
          const [decoder, parser] = [new TextDecoder(), new MessageParser()];
          for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
            clearTimeout(timer);
            for (const message of parser.feed(decoder.decode(chunk.value, { stream: true }))) {
              after = message.id || startsAfter || after;
              startsAfter = undefined;
              yield message;
            }
            timer = setTimeout(() => silence.abort(), SILENT_SECONDS * 1000);
          }
        }
      } catch (error) {
        if (options.signal?.aborted || error instanceof PressworkError) throw error;
        const sent = { what, server: baseUrl, idempotencyKey: undefined, options };
        failure = connectionError(error, sent, attempt, silence.signal.aborted);
      } finally {
        clearTimeout(timer);
        await reader?.cancel().catch(() => undefined); // the caller has left the loop, or the connection is lost
      }
      failures++;
      if (refusal !== undefined && (failures > maxRetries || !isRetryable(refusal))) throw statusError(refusal);
      if (failure !== undefined && failures > maxRetries) throw failure;
      const seconds = backoffSeconds(failures, refusal);
      const reason = refusal ? retryReason(refusal) : failure ? reasonOf(failure.cause) : "the stream has ended";
      log.info(`${what} retry ${failures} in ${seconds.toFixed(1)} s (${reason})`);
      onDisconnected?.();
      await pause(seconds, options.signal);
    }
  }

  /**
   * Returns the response of a call, or of a signed URL to which no API key is sent, whose body the caller reads as it arrives. Only its
   * beginning is awaited; the body fails if it is cut off.
   */
  async download(target: Call | string, parts: Parts, options: RequestOptions = {}): Promise<Response> {
    const { baseUrl, credentials, headers: caller } = this.#settings;
    const cookies = credentials === undefined ? {} : { credentials };
    const call = typeof target === "string" ? undefined : serialize(target, parts, options);
    const url = typeof target === "string" ? target : baseUrl + (call?.path ?? "");
    const headers = call === undefined ? {} : { ...caller, ...call.headers, Accept: "*/*" };
    const signal = options.signal ?? null;
    let opened: Response | undefined;
    const refusal = await this.#sendWithRetries(
      async () => {
        opened = await this.#settings.fetch(url, { headers, signal, redirect: "manual", ...(call ? cookies : {}) });
        return opened.status === 200 ? new Response(null, { headers: opened.headers }) : opened;
      },
      {
        what: `GET ${call?.shown ?? new URL(url).pathname}`,
        server: new URL(url, globalThis.location?.href).origin,
        idempotencyKey: undefined,
        options: { ...options, timeoutSeconds: Infinity },
      },
    );
    if (opened?.status !== 200) throw statusError(refusal);
    return opened;
  }

  /** Uploads a file to a signed URL, without the API key. Only a timeout of this call limits it, not the client's. */
  async put(
    url: string,
    what: string,
    file: Blob,
    headers: Readonly<Record<string, string>>,
    options: RequestOptions = {},
  ): Promise<void> {
    const response = await this.#sendWithRetries(
      (signal) => this.#settings.fetch(url, { method: "PUT", headers, body: file, signal }),
      {
        what,
        server: new URL(url).origin,
        idempotencyKey: undefined,
        options: { ...options, timeoutSeconds: options.timeoutSeconds ?? Infinity },
      },
    );
    if (response.statusCode >= 300) throw statusError(response);
  }

  async #called<T>(call: Call, parts: Parts, options: RequestOptions): Promise<WithResponse<T>> {
    const { method, path, shown, headers, body = null, idempotencyKey } = serialize(call, parts, options);
    const { baseUrl, credentials } = this.#settings;
    const authorized = { ...this.#settings.headers, ...headers };
    const cookies = credentials === undefined ? {} : { credentials };
    const response = await this.#sendWithRetries(
      (signal) =>
        this.#settings.fetch(baseUrl + path, {
          method,
          headers: authorized,
          body,
          signal,
          redirect: "manual",
          ...cookies,
        }),
      { what: `${method} ${shown}`, server: baseUrl, idempotencyKey, options },
    );
    return { data: parseResponse(response, idempotencyKey) as T, response };
  }

  async #sendWithRetries(send: (signal: AbortSignal) => Promise<Response>, sent: Sent): Promise<ApiResponse> {
    const { options, what } = sent;
    const { log } = this.#settings;
    const retries = checkedRetries(options.maxRetries ?? this.#settings.maxRetries);
    const milliseconds = checkedTimeout(options.timeoutSeconds ?? this.#settings.timeoutSeconds);
    for (let attempt = 1; ; attempt++) {
      const timeout = milliseconds === undefined ? new AbortController().signal : AbortSignal.timeout(milliseconds);
      const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
      const startedAt = performance.now();
      let response: ApiResponse | undefined;
      let failure: APIConnectionError | undefined;
      try {
        const answer = await send(signal);
        response = new ApiResponse(answer.status, answer.headers, await answer.text(), attempt);
      } catch (error) {
        if (options.signal?.aborted) throw error; // the caller aborted
        if (error instanceof PressworkError) throw error;
        failure = connectionError(error, sent, attempt, timeout.aborted);
      }
      const isLast = attempt > retries || (response !== undefined && !isRetryable(response));
      const took = `${(performance.now() - startedAt).toFixed(0)} ms`;
      const nth = attempt === 1 ? "" : ` attempt ${attempt}`;
      const outcome =
        response === undefined
          ? `no response ${took} ${reasonOf(failure?.cause)}${nth}`
          : `${response.statusCode} ${took} ${response.requestId ?? "no request id"}${nth}${response.isReplayed ? " (stored response)" : ""}`;
      log[isLast ? "info" : "debug"](`${what} ${outcome}`);
      if (isLast && response !== undefined) return response;
      if (isLast) throw failure;
      const seconds = backoffSeconds(attempt, response);
      const reason = response === undefined ? reasonOf(failure?.cause) : retryReason(response);
      log.info(`${what} retry ${attempt} in ${seconds.toFixed(1)} s (${reason})`);
      await pause(seconds, options.signal);
    }
  }
}

function connectionError(error: unknown, sent: Sent, attempts: number, isTimeout: boolean): APIConnectionError {
  const kind = isTimeout ? APITimeoutError : APIConnectionError;
  const why = isTimeout ? "timeout" : reasonOf(error);
  const advice = isTimeout
    ? "Check that the server is running, or pass a longer timeoutSeconds."
    : "Check baseUrl, and that the server is running.";
  return new kind(
    `${sent.what} got no response from ${sent.server} in ${attempts} ${attempts === 1 ? "attempt" : "attempts"} (${why}). ${advice}`,
    { cause: error, idempotencyKey: sent.idempotencyKey },
  );
}

/** What failed: `fetch failed` has the reason in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause;
  const inner = cause instanceof Error ? cause.message || String((cause as { code?: unknown }).code ?? "") : "";
  return inner ? `${error.message}: ${inner}` : error.message;
}

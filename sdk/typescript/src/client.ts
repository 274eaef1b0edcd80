import { checkedBaseUrl, checkedEnvironment, checkedKey, checkedRetries, checkedTimeout, kindOf } from "./arguments.js";
import { InvalidArgumentError, PressworkError } from "./errors.js";
import { Resources } from "./generated/resources.js";
import { Log, type LogLevel, type Logger } from "./log.js";
import { Transport, type TransportSettings } from "./transport.js";

export interface ClientOptions {
  /** `lp_…`; the default is the environment variable PRESSWORK_API_KEY. */
  readonly apiKey?: string | undefined;
  /**
   * Whether calls are those of the person who is signed in, instead of a key's: the browser sends the cookie of its session.
   * For pages that the server itself serves; sign in with `auth.signIn`.
   */
  readonly session?: boolean | undefined;
  /** The environment that a session works in; the default is `test`. A key has its own. */
  readonly environment?: "test" | "live" | undefined;
  /** The server's address; the default is PRESSWORK_BASE_URL, the server of the page with `session`, or this machine. */
  readonly baseUrl?: string | undefined;
  /** The timeout of one attempt, other than to upload a file; the default is 60. `Infinity` is no limit. */
  readonly timeoutSeconds?: number | undefined;
  /** The maximum number of retries of a call; the default is 3. */
  readonly maxRetries?: number | undefined;
  /** Another `fetch`, for example with a proxy or certificates. */
  readonly fetch?: typeof fetch | undefined;
  /** What is logged; the default is PRESSWORK_LOG, or nothing. */
  readonly log?: LogLevel | undefined;
  /** Where log lines go; the default is stderr. */
  readonly logger?: Logger | undefined;
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
  readonly #options: ClientOptions;

  /** Throws a PressworkError if there is no key, and an InvalidArgumentError for a wrong option. */
  constructor(options: ClientOptions = {}) {
    if (typeof options !== "object" || options === null) {
      throw new InvalidArgumentError(`The options are ${kindOf(options)}. Pass an object: { apiKey }.`);
    }
    const caller = callerOf(options);
    const page = options.session ? pageOrigin() : undefined;
    const baseUrl = checkedBaseUrl(options.baseUrl ?? page ?? environment("PRESSWORK_BASE_URL") ?? DEFAULT_BASE_URL);
    const timeoutSeconds = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    const maxRetries = checkedRetries(options.maxRetries ?? DEFAULT_MAX_RETRIES);
    checkedTimeout(timeoutSeconds);
    super(
      new Transport({
        ...caller,
        baseUrl,
        timeoutSeconds,
        maxRetries,
        fetch: options.fetch ?? ((...request) => fetch(...request)),
        log: new Log(options.log, environment("PRESSWORK_LOG"), options.logger),
      }),
    );
    this.baseUrl = baseUrl;
    this.timeoutSeconds = timeoutSeconds;
    this.maxRetries = maxRetries;
    this.#options = { ...options, baseUrl };
  }

  /** Returns a client with other options on the same connections: `presswork.withOptions({ maxRetries: 0 })`. */
  withOptions(options: ClientOptions): Presswork {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    return new Presswork({ ...this.#options, ...Object.fromEntries(given) });
  }
}

/** The headers of a key or of a session, and whether cookies are sent. Throws for neither, and for both. */
function callerOf(options: ClientOptions): Pick<TransportSettings, "headers" | "credentials"> {
  if (options.session) {
    if (options.apiKey !== undefined) {
      throw new InvalidArgumentError("Both session and apiKey are given. Pass one: { session: true } or { apiKey }.");
    }
    return {
      headers: { "X-Presswork-Console": "1", "X-Presswork-Environment": checkedEnvironment(options.environment ?? "test") },
      credentials: "include",
    };
  }
  if (options.environment !== undefined) {
    throw new InvalidArgumentError("environment is of a session. A key has its own: leave it out, or pass session: true.");
  }
  const apiKey = options.apiKey ?? environment("PRESSWORK_API_KEY");
  if (!apiKey) {
    throw new PressworkError(
      "There is no API key. Pass { apiKey }, or set PRESSWORK_API_KEY. `presswork key create` creates a key.",
    );
  }
  return { headers: { Authorization: `Bearer ${checkedKey(apiKey)}` }, credentials: undefined };
}

/** The origin of the page that runs this; undefined outside of browsers. */
function pageOrigin(): string | undefined {
  const origin = (globalThis as { location?: { origin?: string } }).location?.origin;
  return origin && origin !== "null" ? origin : undefined;
}

/** An environment variable; browsers have none. */
function environment(name: string): string | undefined {
  const found = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
  return found || undefined;
}

// Checks of arguments. Every wrong one throws an InvalidArgumentError, before anything is sent.
import { InvalidArgumentError } from "./errors.js";

/** The longest time that a timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function checkedKey(apiKey: unknown): string {
  if (typeof apiKey !== "string") {
    throw new InvalidArgumentError(`apiKey is ${kindOf(apiKey)}. Pass the key as text: lp_test_… or lp_live_….`);
  }
  const key = apiKey.trim();
  if (!/^[!-~]+$/.test(key)) {
    throw new InvalidArgumentError("The API key is empty or has a space or special characters in it. Copy it again.");
  }
  return key;
}

export function checkedEnvironment(environment: unknown): "test" | "live" {
  if (environment !== "test" && environment !== "live") {
    const shown = typeof environment === "string" ? `"${environment}"` : kindOf(environment);
    throw new InvalidArgumentError(`environment is ${shown}. Pass "test" or "live".`);
  }
  return environment;
}

export function checkedBaseUrl(url: unknown): string {
  const text = typeof url === "string" ? url.trim() : url instanceof URL ? url.href : "";
  let found: URL | undefined;
  try {
    found = new URL(text);
  } catch {
    // reported below
  }
  if (found === undefined || !/^https?:$/.test(found.protocol) || !found.hostname || !/^https?:\/\/[!-~]+$/i.test(text)) {
    const shown = typeof url === "string" ? `"${url}"` : kindOf(url);
    throw new InvalidArgumentError(
      `baseUrl ${shown} is not the address of a server. Pass one with http:// or https://, such as http://127.0.0.1:8000.`,
    );
  }
  return text.replace(/\/+$/, "");
}

/** Returns a timeout in milliseconds; undefined is no timeout. */
export function checkedTimeout(seconds: unknown, name = "timeoutSeconds"): number | undefined {
  if (typeof seconds !== "number" || Number.isNaN(seconds) || seconds <= 0) {
    throw new InvalidArgumentError(`${name} is ${shown(seconds)}. Pass a positive number of seconds; Infinity is no limit.`);
  }
  return seconds === Infinity ? undefined : Math.min(seconds * 1000, MAX_TIMER_MS);
}

export function checkedRetries(value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new InvalidArgumentError(`maxRetries is ${shown(value)}. Pass a whole number; 0 turns retries off.`);
  }
  return value;
}

export function checkedIdempotencyKey(value: unknown): string {
  if (typeof value !== "string" || !/^[!-~]{1,255}$/.test(value)) {
    throw new InvalidArgumentError(
      `idempotencyKey is ${shown(value)}. Pass 1–255 visible ASCII characters without spaces, such as crypto.randomUUID().`,
    );
  }
  return value;
}

export function checkedHeaders(headers: unknown): Readonly<Record<string, string>> {
  try {
    if (!isObject(headers)) throw new TypeError();
    new Headers(headers as Record<string, string>);
    return headers as Readonly<Record<string, string>>;
  } catch {
    throw new InvalidArgumentError("headers is not valid. Pass an object of names and values, in ASCII without line breaks.");
  }
}

/** Checks the id in a path. */
export function checkedId(name: string, value: unknown): string {
  // URLs resolve these two, also encoded: the call would go to another route.
  if (value === "." || value === "..") throw new InvalidArgumentError(`${name} is "${value}", which is no id. Pass the id as the API returned it.`);
  if (typeof value === "string" && value.trim() && isWellFormed(value)) return value;
  if (value === undefined) throw new InvalidArgumentError(`${name} is missing. Pass it by name: { ${name}: "…" }.`);
  if (value === "") throw new InvalidArgumentError(`${name} is empty. Pass the id.`);
  throw new InvalidArgumentError(`${name} is ${shown(value)}. Pass the id as text.`);
}

/** Returns a copy with JSON types: dates as ISO 8601, and nothing that JSON would drop or change. */
export function toJson(value: unknown, path: string, above: readonly unknown[] = []): unknown {
  switch (typeof value) {
    case "string":
      if (!isWellFormed(value)) throw new InvalidArgumentError(`${path} is not valid text: it has half of a surrogate pair.`);
      return value;
    case "boolean":
    case "undefined":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new InvalidArgumentError(`${path} is ${value}, which JSON does not have. Pass a finite number.`);
      return value;
    case "object":
      break;
    default:
      throw new InvalidArgumentError(`${path} is ${kindOf(value)}, which can't be sent as JSON. Pass text, numbers, arrays or objects.`);
  }
  if (value === null) return null;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new InvalidArgumentError(`${path} is an invalid Date. Pass a valid one.`);
    return value.toISOString();
  }
  if (above.includes(value)) throw new InvalidArgumentError(`${path} contains itself. Pass plain data.`);
  const inside = [...above, value];
  if (Array.isArray(value)) return value.map((item, index) => toJson(item, `${path}[${index}]`, inside));
  if (value instanceof Uint8Array || value instanceof ArrayBuffer || value instanceof Blob || value instanceof Promise) {
    throw new InvalidArgumentError(
      `${path} is ${kindOf(value)}, which can't be sent as JSON.${value instanceof Promise ? " Await it first." : ""}`,
    );
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item, `${path}.${key}`, inside)]));
}

/** Returns the parameters of a call; those of a caller without types may be no object, so that each is missing. */
export function paramsOf<T extends object>(params: T): T {
  return isObject(params) ? params : ({} as T);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the type of a value with its article. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const name = typeof value === "object" ? (value.constructor?.name ?? "Object") : typeof value;
  return `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}`;
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "number" ? String(value) : kindOf(value);
}

/** Whether a text has no half of a surrogate pair. */
function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}

import {
  type IDataObject,
  type IExecuteFunctions,
  type IHookFunctions,
  type IHttpRequestMethods,
  type IHttpRequestOptions,
  type ILoadOptionsFunctions,
  type IN8nHttpFullResponse,
  type JsonObject,
  NodeApiError,
  sleep,
} from "n8n-workflow";

export const CREDENTIAL = "pressworkApi";

/** Where nodes call the API: while they run, fill lists, or register webhooks. */
export type Context = IExecuteFunctions | ILoadOptionsFunctions | IHookFunctions;

export interface Call {
  readonly method: IHttpRequestMethods;
  /** With its parameters filled in: `/v1/content/cnt_…/publish`. */
  readonly path: string;
  readonly query?: IDataObject;
  readonly body?: IDataObject;
  /** Every write has one: a call whose response is lost is sent again with it. */
  readonly idempotencyKey?: string;
  /** The input item that the call is for, which an error names. */
  readonly itemIndex?: number;
}

export interface Answer {
  readonly body: IDataObject;
  /** Whether the server returned the stored response of an earlier call with this idempotency key. */
  readonly isReplayed: boolean;
}

const ATTEMPTS = 4;
const FIRST_BACKOFF_MS = 500;
/** A response with a longer `Retry-After` is an error: n8n's own retry decides. */
const MAX_RETRY_AFTER_SECONDS = 60;
const PAGE_LIMIT = 100;

/** Calls the API and returns the body of its response. Throws a NodeApiError with the API's own sentence and issues. */
export async function call(context: Context, request: Call): Promise<IDataObject> {
  return (await send(context, request)).body;
}

/** Like `call`, and reports whether the response is a replay. Repeats a call after a network error, a 429 and a 5xx. */
export async function send(context: Context, request: Call): Promise<Answer> {
  const credentials = await context.getCredentials(CREDENTIAL);
  const baseUrl = String(credentials.baseUrl ?? "").replace(/\/+$/, "");
  const options: IHttpRequestOptions = {
    method: request.method,
    url: `${baseUrl}${request.path}`,
    headers: {
      Accept: "application/json",
      ...(request.idempotencyKey === undefined ? {} : { "Idempotency-Key": request.idempotencyKey }),
      ...(request.body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(request.query === undefined ? {} : { qs: request.query, arrayFormat: "repeat" as const }),
    // As text: n8n leaves out an empty object, and the API requires a body.
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
  };
  const response = await repeat(context, request.itemIndex, () =>
    context.helpers.httpRequestWithAuthentication.call(context, CREDENTIAL, options),
  );
  const body = parsed(response.body);
  if (response.statusCode >= 300 || body === undefined) throw refusal(context, response, body, request.itemIndex);
  return { body, isReplayed: header(response, "idempotent-replayed") === "true" };
}

/** Sends bytes to an upload URL, which is signed and needs no key. */
export async function putBytes(
  context: IExecuteFunctions,
  url: string,
  headers: IDataObject,
  bytes: Buffer,
  itemIndex: number,
): Promise<void> {
  const options: IHttpRequestOptions = {
    method: "PUT",
    url,
    headers,
    body: bytes,
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
  };
  const response = await repeat(context, itemIndex, () => context.helpers.httpRequest(options));
  if (response.statusCode >= 300) throw refusal(context, response, parsed(response.body), itemIndex);
}

/** Reads a list page by page, to its end or to `limit` items. */
export async function listAll(context: Context, request: Call, limit = Infinity): Promise<IDataObject[]> {
  const items: IDataObject[] = [];
  for (let cursor: unknown; items.length < limit; ) {
    const query = { ...request.query, limit: Math.min(PAGE_LIMIT, limit - items.length), ...(cursor ? { cursor } : {}) };
    const page = await call(context, { ...request, query: query as IDataObject });
    items.push(...(page.items as IDataObject[]));
    cursor = page.nextCursor;
    if (!cursor) break;
  }
  return items;
}

async function repeat(
  context: Context,
  itemIndex: number | undefined,
  attempt: () => Promise<IN8nHttpFullResponse>,
): Promise<IN8nHttpFullResponse> {
  for (let number = 1; ; number++) {
    const backoffMs = FIRST_BACKOFF_MS * 2 ** (number - 1);
    try {
      const response = await attempt();
      if (number === ATTEMPTS || !isTransient(response)) return response;
      await sleep(Math.max(backoffMs, retryAfterSeconds(response) * 1000));
    } catch (error) {
      if (number === ATTEMPTS) {
        throw new NodeApiError(context.getNode(), error as JsonObject, {
          message: "Presswork can't be reached. Check the server address in the credential, and that the server runs.",
          description: error instanceof Error ? error.message : String(error),
          ...(itemIndex === undefined ? {} : { itemIndex }),
        });
      }
      await sleep(backoffMs);
    }
  }
}

function isTransient(response: IN8nHttpFullResponse): boolean {
  if (response.statusCode !== 429 && response.statusCode < 500) return false;
  const code = errorOf(parsed(response.body)).code;
  return code !== "KILL_SWITCH" && retryAfterSeconds(response) <= MAX_RETRY_AFTER_SECONDS;
}

/** Returns `Retry-After` (seconds or an HTTP date) in seconds; a date is compared with the response's own `Date`. */
function retryAfterSeconds(response: IN8nHttpFullResponse): number {
  const value = header(response, "retry-after") ?? "";
  const seconds = Number(value);
  if (!Number.isNaN(seconds)) return Math.max(0, seconds);
  const until = Date.parse(value);
  const sentAt = Date.parse(header(response, "date") ?? "");
  if (Number.isNaN(until)) return 0;
  return Math.max(0, (until - (Number.isNaN(sentAt) ? Date.now() : sentAt)) / 1000);
}

function refusal(
  context: Context,
  response: IN8nHttpFullResponse,
  body: IDataObject | undefined,
  itemIndex: number | undefined,
): NodeApiError {
  const error = errorOf(body);
  const message =
    typeof error.message === "string"
      ? error.message
      : `The response (${response.statusCode}) is not one of the Presswork API. Check the server address in the credential.`;
  const details = (error.details ?? {}) as IDataObject;
  const issues = Array.isArray(details.issues) ? (details.issues as IDataObject[]) : [];
  const facts = Object.entries(details).filter(([name]) => name !== "issues");
  const lines = [
    ...issues.map(({ path, message: sentence }) => `${path}: ${sentence}`),
    ...facts.map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`),
    ...(error.code ? [`${error.code}, request ${error.requestId}`] : []),
  ];
  return new NodeApiError(context.getNode(), (body ?? {}) as JsonObject, {
    message,
    description: lines.join("\n"),
    httpCode: String(response.statusCode),
    ...(itemIndex === undefined ? {} : { itemIndex }),
  });
}

function errorOf(body: IDataObject | undefined): IDataObject {
  const error = body?.error;
  return typeof error === "object" && error !== null ? (error as IDataObject) : {};
}

function parsed(body: unknown): IDataObject | undefined {
  try {
    const found: unknown = typeof body === "string" ? JSON.parse(body) : body;
    return typeof found === "object" && found !== null ? (found as IDataObject) : undefined;
  } catch {
    return undefined;
  }
}

function header(response: IN8nHttpFullResponse, name: string): string | undefined {
  const value = response.headers[name];
  return value === undefined ? undefined : String(value);
}

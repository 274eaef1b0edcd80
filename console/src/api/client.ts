import { type Environment, Presswork } from "presswork-client";
import { askingFetch } from "./confirmation";

/** Whose calls are loaded when the first of them is made. */
type Later = keyof {
  [Name in keyof Presswork as `${Capitalize<Name>}` extends keyof typeof import("./laterCalls") ? Name : never]: Name;
};

/** The calls of a resource, with their results only: they have no response, and a list has its first page. */
type Results<Calls> = {
  readonly [Name in keyof Calls]: Calls[Name] extends (...params: infer Params) => Promise<infer Result>
    ? (...params: Params) => Promise<Result>
    : Calls[Name] extends (...params: infer Params) => PromiseLike<infer Result>
      ? (...params: Params) => PromiseLike<Result>
      : never;
};

/** The client's calls, as clientCalls.ts has them. */
type Client = Omit<Presswork, Later> & { readonly [Name in Later]: Results<Presswork[Name]> };

const clients = new Map<string, Client>();
/** A difference within what a `Date` header and its way here explain is none. */
const EXACT_MS = 2_000;
let aheadMs = 0;

/** Returns the client of an environment. It sends the session's cookie instead of a key. */
export function clientOf(environment: Environment): Client {
  let client = clients.get(environment);
  if (client === undefined) {
    client = new Presswork({ session: true, environment, fetch: askingFetch(fetchWithClock) });
    clients.set(environment, client);
  }
  return client;
}

/** Returns the present by the server's clock, which decides what is due: that of this computer may be wrong. */
export function serverNow(): Date {
  return new Date(Date.now() + (Math.abs(aheadMs) > EXACT_MS ? aheadMs : 0));
}

const fetchWithClock: typeof fetch = async (...request) => {
  const response = await fetch(...request);
  const date = Date.parse(response.headers.get("date") ?? "");
  if (!Number.isNaN(date)) aheadMs = date - Date.now();
  return response;
};

/** Returns a random key of 32 hexadecimal digits. Over plain http, browsers have no `crypto.randomUUID`. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

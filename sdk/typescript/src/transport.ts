import type { Call, Parts, RequestOptions } from "./calls.js";
import type { Pages } from "./pages.js";
import type { ApiPromise } from "./responses.js";

/** The client, as the resources use it. */
export interface Transport {
  call<T>(call: Call, parts: Parts, options?: RequestOptions): ApiPromise<T>;
  page<T, P>(call: Call, rows: (answer: P) => readonly T[], parts: Parts, options?: RequestOptions): Pages<T, P>;
  put(url: string, file: Blob, headers: Readonly<Record<string, string>>): Promise<void>;
}

import type { RequestOptions } from "./calls.js";
import type { Environment } from "./generated/models.js";
import type { WebhookEvent } from "./generated/events.js";
import type { Transport } from "./transport.js";
import { readEvent } from "./webhooks.js";

/** No event: events may be missing, since the one to resume after is not kept. Read again what you show. */
export interface StreamReset {
  readonly type: "stream.reset";
}

/** What a stream yields; `type` says which. */
export type StreamEvent = WebhookEvent | StreamReset;

export interface StreamOptions {
  /** The id of an event to resume after. */
  readonly after?: string | undefined;
  /** The environment of a session; that of a key is known. */
  readonly environment?: Environment | undefined;
  /** The most attempts in a row that fail; by default the stream tries until it succeeds. */
  readonly maxRetries?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined;
  /** Called whenever the stream has connected, the first time and again. */
  readonly onConnected?: (() => void) | undefined;
  /** Called whenever a connection was lost or an attempt has failed; the stream tries again. */
  readonly onDisconnected?: (() => void) | undefined;
}

/** One message of a stream. */
export interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Follow events as they happen. */
export class Events {
  /** @internal */
  constructor(protected readonly _transport: Transport) {}

  /**
   * Yields each event of the organization as it is committed: those of webhooks, without an endpoint.
   *
   * Connects again after a lost connection, and resumes after the last event: none is missed or yielded twice. Where that
   * is not possible, after more than an hour, it yields `stream.reset`. It ends when you leave the loop or abort `signal`,
   * or throws the error of a refusal, such as UnauthenticatedError for a key that was revoked.
   */
  async *stream(options: StreamOptions = {}): AsyncGenerator<StreamEvent, void, void> {
    const { after, environment, onConnected, onDisconnected, maxRetries, ...rest } = options;
    const request: RequestOptions = rest;
    const call = { method: "GET", path: "/v1/events/stream" };
    const position = { after, onConnected, onDisconnected, maxRetries };
    const messages = this._transport.messages(call, { query: { environment } }, request, position);
    try {
      for await (const { event, data } of messages) {
        yield event === "stream.reset" ? { type: event } : readEvent(data);
      }
    } catch (error) {
      if (!options.signal?.aborted) throw error;
    }
  }
}

/** Parses the messages of one response: text goes in, complete messages come out. */
export class MessageParser {
  #rest = "";
  #fields: Record<string, string> = {};

  *feed(text: string): Generator<Message> {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines.map((one) => one.replace(/\r$/, ""))) {
      if (line === "") {
        const { id = "", event = "", data } = this.#fields;
        this.#fields = {};
        if (data !== undefined) yield { id, event, data };
        continue;
      }
      const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      const before = this.#fields[name];
      this.#fields[name] = name === "data" && before !== undefined ? `${before}\n${value}` : value;
    }
  }
}

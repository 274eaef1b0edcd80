import { type InvalidateQueryFilters, type QueryClient, useQueryClient } from "@tanstack/react-query";
import type { Environment, StreamEvent } from "presswork-client";
import { useEffect, useSyncExternalStore } from "react";
import { clientOf } from "./client";

/** Whether what is shown follows the server: "lost" while the client tries to connect again, "ended" if it does not. */
export type LiveState = "connecting" | "live" | "lost" | "ended";

/** Events of a burst are one refresh. */
const REFRESH_EVERY_MS = 500;
/** By then, a worker has made the notifications of an event. */
const NOTICED_MS = 3_000;
/** How long a hidden tab keeps its connection: a browser has only six for all tabs. */
const HIDDEN_MS = 10_000;
/** The first parts of the query keys that events change. */
const FOLLOWED = ["posts", "content", "accounts", "calendar", "comments", "drafts", "notices"] as const;

/** The events of every post, of which no person is notified. */
const USUAL: ReadonlySet<string> = new Set([
  "post.scheduled",
  "post.publishing",
  "post.published",
  "post.drafted",
  "post.canceled",
  "comment.received",
  "comment.replied",
]);

type OnEvents = (events: readonly StreamEvent[]) => void;

/** The stream of an environment, of which a tab has one: it stays open from screen to screen. */
export interface LiveStream {
  readonly state: () => LiveState;
  /** Calls a function at each change of the state. Returns how to end that. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Calls a function with the events of each burst. Returns how to end that. */
  readonly onEvents: (listener: OnEvents) => () => void;
  /** Follows the environment while the tab is visible, and refreshes what events change. Returns how to end that. */
  readonly open: (queries: QueryClient) => () => void;
  /** Connects again if the server refused it. */
  readonly retry: () => void;
}

const streams = new Map<Environment, LiveStream>();

function streamOf(environment: Environment): LiveStream {
  let stream = streams.get(environment);
  if (stream === undefined) {
    stream = liveStream(environment);
    streams.set(environment, stream);
  }
  return stream;
}

/** Holds the stream of an environment open, for all screens. One that was refused is tried again on another path. */
export function useEventStream(environment: Environment, path: string): void {
  const queries = useQueryClient();
  useEffect(() => streamOf(environment).open(queries), [queries, environment]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new screen tries again
  useEffect(() => streamOf(environment).retry(), [environment, path]);
}

/**
 * Returns whether the environment is followed. A screen that refreshes more by itself gets the events of each burst;
 * `onEvents` is to be the same function every time.
 */
export function useLiveUpdates(environment: Environment, onEvents?: OnEvents): LiveState {
  const stream = streamOf(environment);
  useEffect(() => (onEvents === undefined ? undefined : stream.onEvents(onEvents)), [stream, onEvents]);
  return useSyncExternalStore(stream.subscribe, stream.state);
}

/** Returns a stream that is not open yet. The client connects again after a lost connection. */
export function liveStream(environment: Environment): LiveStream {
  const listeners = new Set<() => void>();
  const screens = new Set<OnEvents>();
  let state: LiveState = "connecting";
  let opened: QueryClient | undefined;
  let connection: AbortController | undefined;
  let refresh: ReturnType<typeof refresher> | undefined;
  let leaving: ReturnType<typeof setTimeout> | undefined;
  let lastId: string | undefined; // kept while the stream is closed, to resume after it

  const enter = (next: LiveState) => {
    state = next;
    for (const listener of listeners) listener();
  };
  const connect = () => {
    if (opened === undefined || connection !== undefined || isHidden()) return;
    const queries = opened;
    const aborting = new AbortController();
    const { signal } = aborting;
    const noted = refresher(queries, environment, (events) => {
      for (const onEvents of screens) onEvents(events);
    });
    let isGapless = lastId !== undefined;
    const follow = async () => {
      const stream = clientOf(environment).events.stream({
        environment,
        after: lastId,
        signal,
        onConnected: () => {
          if (signal.aborted) return;
          enter("live");
          if (!isGapless) readPartsAgain(queries, environment, FOLLOWED);
          isGapless = true;
          retryFailed(queries, environment);
        },
        onDisconnected: () => {
          if (!signal.aborted) enter("lost");
        },
      });
      for await (const event of stream) {
        lastId = event.type === "stream.reset" ? undefined : event.id;
        noted.note(event);
      }
    };
    [connection, refresh] = [aborting, noted];
    enter("connecting");
    follow().catch(() => {
      if (signal.aborted) return;
      connection = undefined;
      enter("ended");
    });
  };
  const disconnect = () => {
    connection?.abort();
    refresh?.flush();
    connection = undefined;
    enter("connecting");
  };
  const showOrHide = () => {
    clearTimeout(leaving);
    if (isHidden()) leaving = setTimeout(disconnect, HIDDEN_MS);
    else connect();
  };
  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onEvents: (listener) => {
      screens.add(listener);
      return () => screens.delete(listener);
    },
    open: (queries) => {
      opened = queries;
      document.addEventListener("visibilitychange", showOrHide);
      connect();
      return () => {
        document.removeEventListener("visibilitychange", showOrHide);
        clearTimeout(leaving);
        opened = undefined;
        disconnect();
      };
    },
    retry: connect,
  };
}

function isHidden(): boolean {
  return document.visibilityState === "hidden";
}

/** Reads again what could not be read while the server was away. */
function retryFailed(queries: QueryClient, environment: Environment): void {
  void queries.invalidateQueries({ queryKey: [environment], predicate: ({ state }) => state.status === "error" });
}

function readPartsAgain(queries: QueryClient, environment: Environment, parts: Iterable<string>): void {
  for (const part of parts) void readAgain(queries, { queryKey: [environment, part] });
}

/** Reads queries again. What is just being read for the first time is read once more then: it may be as it was before. */
export async function readAgain(queries: QueryClient, filters: InvalidateQueryFilters): Promise<void> {
  const begun = queries
    .getQueryCache()
    .findAll({ ...filters, fetchStatus: "fetching" })
    .filter(isFirstRead);
  const later = begun.map((query) => {
    const again = () => queries.invalidateQueries({ queryKey: query.queryKey, exact: true });
    return query.fetch().then(again, () => undefined);
  });
  await Promise.all([queries.invalidateQueries(filters), ...later]);
}

function isFirstRead({ state }: { readonly state: { readonly data: unknown } }): boolean {
  return state.data === undefined;
}

function refresher(queries: QueryClient, environment: Environment, onEvents: OnEvents) {
  const stale = new Set<string>();
  let burst: StreamEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let noticed: ReturnType<typeof setTimeout> | undefined;
  const readNotices = () => {
    noticed = undefined;
    readPartsAgain(queries, environment, ["notices"]);
  };
  const run = () => {
    timer = undefined;
    readPartsAgain(queries, environment, stale);
    stale.clear();
    onEvents(burst);
    burst = [];
  };
  return {
    note: (event: StreamEvent) => {
      for (const part of partsOf(event.type)) stale.add(part);
      if (!USUAL.has(event.type) && noticed === undefined) noticed = setTimeout(readNotices, NOTICED_MS);
      burst.push(event);
      timer ??= setTimeout(run, REFRESH_EVERY_MS);
    },
    /** Refreshes at once what waits for the end of its burst. */
    flush: () => {
      if (timer === undefined) return;
      clearTimeout(timer);
      run();
    },
  };
}

/** Returns the first parts of the query keys that an event changes. */
function partsOf(type: string): readonly string[] {
  switch (type.split(".")[0]) {
    case "post":
      return ["posts"];
    case "draft":
      return ["drafts"];
    case "content":
      return ["content", "posts"];
    case "social_account":
      return ["accounts"];
    case "comment":
      return ["comments"];
    default: // stream.reset: events may be missing
      return ["posts", "content", "accounts", "comments", "drafts"];
  }
}

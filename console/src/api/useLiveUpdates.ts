import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import type { Environment, StreamEvent } from "presswork-client";
import { useEffect, useState } from "react";
import { clientOf } from "./client";

/** Whether what is shown follows the server: "lost" while the client tries to connect again, "ended" if it does not. */
export type LiveState = "connecting" | "live" | "lost" | "ended";

/** Events of a burst are one refresh. */
const REFRESH_EVERY_MS = 500;

/**
 * Follows the events of an environment, and refreshes what they change. The client connects again after a lost connection.
 * A screen that refreshes more by itself gets the events of each burst; `onEvents` is to be the same function every time.
 */
export function useLiveUpdates(
  environment: Environment,
  onEvents?: (events: readonly StreamEvent[]) => void,
): LiveState {
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => {
    const aborting = new AbortController();
    const refresh = refresher(queries, environment, onEvents);
    const follow = async () => {
      const stream = clientOf(environment).events.stream({
        environment,
        signal: aborting.signal,
        onConnected: () => {
          setState("live");
          retryFailed(queries, environment);
        },
        onDisconnected: () => setState("lost"),
      });
      for await (const event of stream) refresh.note(event);
    };
    follow().catch(() => {
      if (!aborting.signal.aborted) setState("ended");
    });
    return () => {
      aborting.abort();
      refresh.stop();
    };
  }, [queries, environment, onEvents]);
  return state;
}

/** Reads again what could not be read while the server was away. */
function retryFailed(queries: QueryClient, environment: Environment): void {
  void queries.invalidateQueries({ queryKey: [environment], predicate: ({ state }) => state.status === "error" });
}

function refresher(
  queries: QueryClient,
  environment: Environment,
  onEvents: ((events: readonly StreamEvent[]) => void) | undefined,
) {
  const stale = new Set<string>();
  let burst: StreamEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = () => {
    timer = undefined;
    for (const part of stale) void queries.invalidateQueries({ queryKey: [environment, part] });
    stale.clear();
    onEvents?.(burst);
    burst = [];
  };
  return {
    note: (event: StreamEvent) => {
      for (const part of partsOf(event.type)) stale.add(part);
      burst.push(event);
      timer ??= setTimeout(run, REFRESH_EVERY_MS);
    },
    stop: () => clearTimeout(timer),
  };
}

/** Returns the first parts of the query keys that an event changes. */
function partsOf(type: string): readonly string[] {
  switch (type.split(".")[0]) {
    case "post":
      return ["posts"];
    case "content":
      return ["content", "posts"];
    case "social_account":
      return ["accounts"];
    default: // stream.reset: events may be missing
      return ["posts", "content", "accounts"];
  }
}

import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type LiveState, type LiveStream, liveStream } from "./useLiveUpdates";

const AT = "2026-11-29T10:00:00Z";
const KEY = ["test", "posts", "list"];

/** The page, which the person leaves for another tab. */
class Page extends EventTarget {
  visibilityState = "visible";

  become(visibilityState: "visible" | "hidden"): void {
    this.visibilityState = visibilityState;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

/** A connection of the stream, as the server sees it. */
interface Connection {
  readonly after: string | null;
  readonly isOpen: () => boolean;
  readonly send: (id: string, type: string) => void;
}

let page: Page;
let connections: Connection[];
let isRefused: boolean;
let stream: LiveStream;
let queries: QueryClient;
let reads: number;
let close: () => void;

function connect(_url: string, { headers, signal }: RequestInit): Promise<Response> {
  if (isRefused)
    return Promise.resolve(Response.json({ error: { code: "FORBIDDEN", message: "No." } }, { status: 403 }));
  let body: ReadableStreamDefaultController<Uint8Array> | undefined;
  let isOpen = true;
  signal?.addEventListener("abort", () => {
    isOpen = false;
    body?.error(signal.reason);
  });
  connections.push({
    after: new Headers(headers).get("last-event-id"),
    isOpen: () => isOpen,
    send: (id, type) => {
      const data = JSON.stringify({ id, type, timestamp: AT, data: {} });
      body?.enqueue(new TextEncoder().encode(`id: ${id}\nevent: ${type}\ndata: ${data}\n\n`));
    },
  });
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => {
      body = controller;
    },
  });
  return Promise.resolve(new Response(readable));
}

/** Shows the list of posts on a screen, which counts how often it is read. Returns how to leave it. */
function show(read: () => Promise<number> = () => Promise.resolve(++reads)): () => void {
  return new QueryObserver(queries, { queryKey: KEY, queryFn: read, staleTime: 60_000 }).subscribe(() => undefined);
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

beforeEach(() => {
  vi.useFakeTimers();
  page = new Page();
  connections = [];
  isRefused = false;
  reads = 0;
  vi.stubGlobal("document", page);
  vi.stubGlobal("fetch", connect);
  queries = new QueryClient();
  stream = liveStream("test");
});

afterEach(() => {
  close();
  queries.clear();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("what was read before the stream was open is read once more, and what is read later is not", async () => {
  const leave = show();
  await pass(0);
  close = stream.open(queries);
  await pass(1_000);
  expect([stream.state(), reads]).toEqual(["live", 2]);
  leave();
  show();
  await pass(1_000);
  expect(reads).toBe(2);
});

test("what is just being read for the first time when the stream connects is read once more then", async () => {
  show(async () => {
    reads++;
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    return reads;
  });
  close = stream.open(queries);
  await pass(1_000);
  expect([stream.state(), reads]).toEqual(["live", 1]);
  await pass(3_000);
  expect(reads).toBe(2);
});

test("a change between two screens is read when the next one opens", async () => {
  close = stream.open(queries);
  await pass(0);
  show()();
  await pass(0);
  expect(reads).toBe(1);
  connections[0]?.send("evt_1", "post.published");
  await pass(1_000);
  show();
  await pass(0);
  expect([connections.length, reads]).toEqual([1, 2]);
});

test("a stream that is closed refreshes what waits, and resumes after the last event when it opens again", async () => {
  close = stream.open(queries);
  await pass(0);
  show();
  const bursts: number[] = [];
  stream.onEvents((events) => bursts.push(events.length));
  await pass(0);
  connections[0]?.send("evt_1", "post.publishing");
  connections[0]?.send("evt_2", "post.published");
  await pass(100);
  expect(reads).toBe(1);
  close();
  await pass(0);
  expect([connections[0]?.isOpen(), bursts, reads]).toEqual([false, [2], 2]);
  close = stream.open(queries);
  await pass(1_000);
  expect([connections[1]?.after, stream.state(), reads]).toEqual(["evt_2", "live", 2]);
});

test("a tab that is hidden for a while has no connection, and resumes when it is shown", async () => {
  close = stream.open(queries);
  show();
  await pass(0);
  page.become("hidden");
  await pass(5_000);
  page.become("visible");
  page.become("hidden");
  await pass(8_000);
  connections[0]?.send("evt_1", "post.publishing");
  await pass(1_000);
  expect([connections[0]?.isOpen(), connections.length]).toEqual([true, 1]);
  await pass(1_000);
  expect([connections[0]?.isOpen(), stream.state()]).toEqual([false, "connecting"]);
  const before = reads;
  page.become("visible");
  await pass(0);
  connections[1]?.send("evt_2", "post.published");
  await pass(1_000);
  expect([connections[1]?.after, stream.state(), reads]).toEqual(["evt_1", "live", before + 1]);
});

test("a hidden tab that has seen no event reads all again when it is shown; one opened in the background waits", async () => {
  page.visibilityState = "hidden";
  close = stream.open(queries);
  await pass(1_000);
  expect(connections).toEqual([]);
  page.become("visible");
  await pass(0);
  show();
  await pass(0);
  page.become("hidden");
  await pass(10_000);
  page.become("visible");
  await pass(0);
  expect([connections.length, connections[1]?.after, reads]).toEqual([2, null, 2]);
});

test("a refused stream says so, and is tried again", async () => {
  isRefused = true;
  const states: LiveState[] = [];
  stream.subscribe(() => states.push(stream.state()));
  close = stream.open(queries);
  await pass(0);
  isRefused = false;
  stream.retry();
  stream.retry();
  await pass(0);
  expect([states, connections.length]).toEqual([["connecting", "ended", "connecting", "live"], 1]);
});

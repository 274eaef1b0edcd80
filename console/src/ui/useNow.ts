import { useSyncExternalStore } from "react";

const TICK_MS = 10_000;
let now = new Date();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = new Date();
  for (const listener of listeners) listener();
}

/** Calls a function at each tick. Returns how to end that. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = new Date(); // nothing moves it while no component shows it
    timer = setInterval(tick, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Returns the instant of the last tick. */
export function currentNow(): Date {
  return now;
}

/** Returns the time, which moves on every ten seconds. All components see the same instant. */
export function useNow(): Date {
  return useSyncExternalStore(subscribe, currentNow);
}

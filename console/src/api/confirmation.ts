import type { ProofMethod } from "presswork-client";
import { useSyncExternalStore } from "react";

/** A change that waits until the person has shown that it is them. */
export interface Question {
  readonly methods: readonly ProofMethod[];
  readonly answer: (isConfirmed: boolean) => void;
}

let question: Question | null = null;
let asked: Promise<boolean> | null = null;
const listeners = new Set<() => void>();

/** Returns the question that a dialog asks now, or null. While a screen uses it, refused changes ask. */
export function useQuestion(): Question | null {
  return useSyncExternalStore(subscribe, () => question);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function show(next: Question | null): void {
  question = next;
  for (const listener of listeners) listener();
}

/** Asks the person, once for several calls that wait; returns whether they have shown that it is them. */
function ask(methods: readonly ProofMethod[]): Promise<boolean> {
  if (listeners.size === 0) return Promise.resolve(false);
  asked ??= new Promise<boolean>((resolve) => show({ methods, answer: resolve })).finally(() => {
    asked = null;
    show(null);
  });
  return asked;
}

/**
 * Wraps `fetch`: a change that needs a confirmation waits for it, and is sent again as it was, with its idempotency key.
 * What is refused for another reason, or not confirmed, is returned.
 */
export function askingFetch(send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await send(input, init);
    if (response.status !== 403) return response;
    const methods = methodsOf(
      await response
        .clone()
        .json()
        .catch(() => null),
    );
    if (methods === null || !(await ask(methods))) return response;
    return send(input, { ...init, signal: null }); // the time that the person took is not the server's
  };
}

function methodsOf(body: unknown): readonly ProofMethod[] | null {
  const { error } = (body ?? {}) as { error?: { code?: string; details?: { methods?: readonly ProofMethod[] } } };
  return error?.code === "CONFIRMATION_REQUIRED" ? (error.details?.methods ?? null) : null;
}

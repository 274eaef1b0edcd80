import { lazy, Suspense, useSyncExternalStore } from "react";

export interface Message {
  readonly text: string;
  readonly tone: "good" | "bad";
  readonly action?: { readonly label: string; readonly run: () => void };
}

const load = () => import("./ToastRegion");
const ToastRegion = lazy(load);
const listeners = new Set<() => void>();
let isUsed = false;

/** Says what was done, with the action that takes it back where there is one. */
export function toast(text: string, action?: Message["action"]): void {
  show({ text, tone: "good", ...(action && { action }) });
}

/** Says what failed. It stays until it is closed. */
export function toastError(text: string): void {
  show({ text, tone: "bad" });
}

/** The program of messages is loaded with the first one. */
function show(message: Message): void {
  isUsed = true;
  for (const listener of listeners) listener();
  void load().then(({ addMessage }) => addMessage(message));
}

function subscribe(onChange: () => void): () => void {
  listeners.add(onChange);
  return () => listeners.delete(onChange);
}

/** Where toasts appear; once per page. */
export function Toasts() {
  const isShown = useSyncExternalStore(subscribe, () => isUsed);
  return (
    isShown && (
      <Suspense>
        <ToastRegion />
      </Suspense>
    )
  );
}

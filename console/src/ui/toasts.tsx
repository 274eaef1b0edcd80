import { lazy, Suspense, useSyncExternalStore } from "react";
import { UNSTABLE_ToastQueue as ToastQueue } from "react-aria-components";

export interface Message {
  readonly text: string;
  readonly tone: "good" | "bad";
  readonly action?: { readonly label: string; readonly run: () => void };
}

const SHOWN_MS = 8_000;
/** With an action, it stays for as long as a person needs to come to it by the keyboard. */
const ACTION_SHOWN_MS = 20_000;
const queue = new ToastQueue<Message>({ maxVisibleToasts: 3 });

/** Says what was done, with the action that takes it back where there is one. */
export function toast(text: string, action?: Message["action"]): void {
  queue.add(
    { text, tone: "good", ...(action && { action }) },
    { timeout: action === undefined ? SHOWN_MS : ACTION_SHOWN_MS },
  );
}

/** Says what failed. It stays until it is closed. */
export function toastError(text: string): void {
  queue.add({ text, tone: "bad" });
}

const ToastRegion = lazy(() => import("./ToastRegion"));

/** Where toasts appear; once per page. */
export function Toasts() {
  const count = useSyncExternalStore(
    (onChange) => queue.subscribe(onChange),
    () => queue.visibleToasts.length,
  );
  return (
    count > 0 && (
      <Suspense>
        <ToastRegion queue={queue} />
      </Suspense>
    )
  );
}

import { X } from "lucide-react";
import {
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components";
import { Button } from "./Button";
import "./toasts.css";

interface Message {
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

/** Where toasts appear; once per page. */
export function Toasts() {
  return (
    <ToastRegion queue={queue} className="toasts">
      {({ toast: shown }) => (
        <Toast toast={shown} className={`toast ${shown.content.tone}`}>
          <ToastContent className="toast-content">
            <Text slot="title">{shown.content.text}</Text>
          </ToastContent>
          {shown.content.action !== undefined && (
            <Button
              onPress={() => {
                shown.content.action?.run();
                queue.close(shown.key);
              }}
            >
              {shown.content.action.label}
            </Button>
          )}
          <Button slot="close" kind="quiet" isIcon aria-label="Close">
            <X aria-hidden />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  );
}

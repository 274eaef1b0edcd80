import { X } from "lucide-react";
import {
  UNSTABLE_ToastRegion as Region,
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
} from "react-aria-components";
import { Button } from "./Button";
import { SlotButton } from "./SlotButton";
import type { Message } from "./toasts";
import "./toasts.css";

const SHOWN_MS = 8_000;
/** With an action, it stays for as long as a person needs to come to it by the keyboard. */
const ACTION_SHOWN_MS = 20_000;
const queue = new ToastQueue<Message>({ maxVisibleToasts: 3 });

/** Shows a message, for a while if it is good news. */
export function addMessage(message: Message): void {
  const timeout = message.action === undefined ? SHOWN_MS : ACTION_SHOWN_MS;
  queue.add(message, message.tone === "good" ? { timeout } : {});
}

/** The toasts that are shown. Nothing without any. */
export default function ToastRegion() {
  return (
    <Region queue={queue} className="toasts">
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
          <SlotButton slot="close" aria-label="Close">
            <X aria-hidden />
          </SlotButton>
        </Toast>
      )}
    </Region>
  );
}

import { X } from "lucide-react";
import {
  UNSTABLE_ToastRegion as Region,
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  type UNSTABLE_ToastQueue as ToastQueue,
} from "react-aria-components";
import { Button } from "./Button";
import { SlotButton } from "./SlotButton";
import type { Message } from "./toasts";
import "./toasts.css";

/** The toasts of a queue. */
export default function ToastRegion({ queue }: { readonly queue: ToastQueue<Message> }) {
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

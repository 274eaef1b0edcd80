import { X } from "lucide-react";
import type { KeyboardEvent } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "./Button";
import type { DialogProps } from "./Dialog";
import "./dialog.css";

const LINES: ReadonlySet<string> = new Set(["text", "email", "url", "tel", "password"]);

/** Enter in a line of text presses the main button, as in a form; a search and a list of suggestions have their own Enter. */
function pressMain(event: KeyboardEvent<HTMLElement>): void {
  const { target, currentTarget } = event;
  if (event.key !== "Enter" || event.defaultPrevented || event.nativeEvent.isComposing) return;
  if (!(target instanceof HTMLInputElement) || !LINES.has(target.type) || target.form !== null) return;
  if (target.role === "combobox" || target.inputMode !== "") return; // a number is read after its own Enter
  event.preventDefault();
  [...currentTarget.querySelectorAll<HTMLButtonElement>("footer button")].at(-1)?.click();
}

/** What a dialog is made of: its code comes with the first one that opens. */
export default function DialogBox({ title, onClose, actions, children, size = "small", isAlert = false }: DialogProps) {
  return (
    <ModalOverlay className="backdrop" isOpen onOpenChange={(open) => open || onClose()} isDismissable={!isAlert}>
      <Modal className={`dialog ${size}`}>
        <AriaDialog role={isAlert ? "alertdialog" : "dialog"} className="dialog-content">
          {/* biome-ignore lint/a11y/noStaticElementInteractions: what Enter does in a form, for all fields in it */}
          <div className="dialog-form" onKeyDown={pressMain}>
            <header>
              <Heading slot="title">{title}</Heading>
              <Button kind="quiet" isIcon aria-label="Close" onPress={onClose}>
                <X aria-hidden />
              </Button>
            </header>
            <div className="dialog-body">{children}</div>
            {actions !== undefined && <footer>{actions}</footer>}
          </div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

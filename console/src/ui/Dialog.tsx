import { X } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "./Button";
import "./dialog.css";
import { useFocusReturn } from "./useFocusReturn";

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Buttons at the end; the last one is the main one. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly size?: "small" | "large";
  /** For a decision that can't be taken back: a click outside does not close it. */
  readonly isAlert?: boolean;
}

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

/** A dialog above the screen. Escape closes it, Enter in a field presses its main button, and the focus returns to where it was. */
export function Dialog({ title, isOpen, onClose, actions, children, size = "small", isAlert = false }: DialogProps) {
  useFocusReturn(isOpen);
  return (
    <ModalOverlay
      className="backdrop"
      isOpen={isOpen}
      onOpenChange={(open) => open || onClose()}
      isDismissable={!isAlert}
    >
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

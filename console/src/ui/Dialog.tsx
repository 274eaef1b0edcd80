import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "./Button";
import "./dialog.css";

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

/** A dialog above the screen. Escape closes it, and the focus returns to where it was. */
export function Dialog({ title, isOpen, onClose, actions, children, size = "small", isAlert = false }: DialogProps) {
  return (
    <ModalOverlay
      className="backdrop"
      isOpen={isOpen}
      onOpenChange={(open) => open || onClose()}
      isDismissable={!isAlert}
    >
      <Modal className={`dialog ${size}`}>
        <AriaDialog role={isAlert ? "alertdialog" : "dialog"} className="dialog-content">
          <header>
            <Heading slot="title">{title}</Heading>
            <Button kind="quiet" isIcon aria-label="Close" onPress={onClose}>
              <X aria-hidden />
            </Button>
          </header>
          <div className="dialog-body">{children}</div>
          {actions !== undefined && <footer>{actions}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

import { lazy, type ReactNode, Suspense } from "react";
import { useFocusReturn } from "./useFocusReturn";

const DialogBox = lazy(() => import("./DialogBox"));

export interface DialogProps {
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

/** A dialog above the screen. Escape closes it, Enter in a field presses its main button, and the focus returns to where it was. */
export function Dialog(props: DialogProps) {
  useFocusReturn(props.isOpen);
  if (!props.isOpen) return null;
  return (
    <Suspense>
      <DialogBox {...props} />
    </Suspense>
  );
}

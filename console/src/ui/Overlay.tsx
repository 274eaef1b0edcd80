import { type ReactNode, type RefObject, Suspense, useRef, useState } from "react";
import { TriggerContext } from "./Button";

/** What a popover needs to be at its button. */
export interface OverlayPlace {
  readonly triggerRef: RefObject<HTMLButtonElement | null>;
  readonly isOpen: true;
  readonly onOpenChange: (isOpen: boolean) => void;
}

interface OverlayProps {
  /** The button that opens it. */
  readonly trigger: ReactNode;
  readonly kind: "menu" | "listbox" | "dialog";
  /** Loads its code: on the way to the button, and at the latest when it is pressed. */
  readonly load: () => Promise<unknown>;
  readonly onOpen?: () => void;
  readonly children: (place: OverlayPlace) => ReactNode;
}

/** A button with a popover, whose code a screen does not load before a person reaches for it. */
export function Overlay({ trigger, kind, load, onOpen, children }: OverlayProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const open = () => {
    onOpen?.();
    setOpen(true);
  };
  const prepare = () => void load().catch(() => undefined); // pressing the button tries again, and says what failed
  return (
    <>
      <TriggerContext
        value={{
          ref: button,
          "aria-haspopup": kind,
          "aria-expanded": isOpen,
          onClick: open,
          onPointerEnter: prepare,
          onFocus: prepare,
          onKeyDown: (event) => {
            // A click that the browser makes of a key would look like one of a screen reader, after which the focus moves later.
            const opens = kind === "dialog" ? ["Enter", " "] : ["Enter", " ", "ArrowDown"];
            if (!opens.includes(event.key) || event.repeat) return;
            event.preventDefault();
            open();
          },
        }}
      >
        {trigger}
      </TriggerContext>
      {isOpen && <Suspense>{children({ triggerRef: button, isOpen, onOpenChange: setOpen })}</Suspense>}
    </>
  );
}

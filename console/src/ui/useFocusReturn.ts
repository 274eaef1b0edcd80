import { useEffect } from "react";

const ABOVE = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";
const LOOK_EVERY_MS = 50;
const LOOKS = 12;

/** What had the focus last, apart from what is above the screen and goes away. */
let place: HTMLElement | null = null;

globalThis.document?.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLElement && target.closest(ABOVE) === null) place = target;
});

/**
 * Returns the focus to the screen when a dialog is over. The library does so too, but to where the focus was when the dialog
 * opened: in a menu, or another dialog, that is gone by now.
 */
export function useFocusReturn(isOpen: boolean): void {
  useEffect(() => {
    if (!isOpen) return;
    return () => {
      let looks = 0;
      const timer = setInterval(() => {
        const isLost = document.activeElement === null || document.activeElement === document.body;
        if (isLost) (place?.isConnected ? place : document.getElementById("screen"))?.focus({ preventScroll: true });
        looks += 1;
        if (isLost || looks === LOOKS) clearInterval(timer);
      }, LOOK_EVERY_MS);
    };
  }, [isOpen]);
}

import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

const HASH = "find";
const ABOVE = "[role=dialog], [role=alertdialog]:not(.toast)";

/** Whether the palette is open, which the address says after its "#", and what opens and closes it: Ctrl-K and ⌘K do both. */
export function usePalette() {
  const isOpen = useRouterState({ select: (state) => state.location.hash === HASH });
  const navigate = useNavigate();
  const show = (isShown: boolean) =>
    void navigate({
      to: ".",
      search: true,
      ...(isShown && { hash: HASH }),
      replace: true,
      resetScroll: false,
      hashScrollIntoView: false,
    });
  const toggle = useRef(() => show(!isOpen));
  useEffect(() => {
    toggle.current = () => {
      // Not above another dialog, which would be left behind.
      if (isOpen || document.querySelector(ABOVE) === null) show(!isOpen);
    };
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || event.altKey || event.shiftKey || !(event.ctrlKey || event.metaKey))
        return;
      event.preventDefault();
      toggle.current();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  return { isOpen, open: () => show(true), close: () => show(false) };
}

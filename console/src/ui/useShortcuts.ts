import { useLayoutEffect, useRef } from "react";

/** What keys do: `"j"`, `"Shift+J"`, `"?"`, `"Escape"`. */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const TYPED_INTO =
  "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [role=spinbutton]";
/** A message has the role of a dialog, but nothing waits for it. */
const OPEN = "[role=dialog], [role=alertdialog]:not(.toast), [role=menu], [role=listbox]";

/**
 * Runs what a key stands for, unless a person types, or a dialog or menu is open. The keys of every screen listen on the
 * `window`, which hears of a key after the document: a screen's own come first.
 */
export function useShortcuts(shortcuts: Shortcuts, target: Document | Window = document): void {
  const latest = useRef(shortcuts);
  // Before the page is painted: a key that follows is about what is seen, not about what was seen before.
  useLayoutEffect(() => {
    latest.current = shortcuts;
  });
  useLayoutEffect(() => {
    const run = (event: Event) => {
      if (!(event instanceof KeyboardEvent)) return;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof Element && event.target.closest(TYPED_INTO) !== null) return;
      if (document.querySelector(OPEN) !== null) return;
      const isLetter = /^[a-z]$/i.test(event.key);
      const name = isLetter && event.shiftKey ? `Shift+${event.key.toUpperCase()}` : event.key;
      const shortcut = latest.current[name];
      if (shortcut === undefined) return;
      event.preventDefault();
      shortcut(event);
    };
    target.addEventListener("keydown", run);
    return () => target.removeEventListener("keydown", run);
  }, [target]);
}

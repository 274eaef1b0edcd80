import { type RefObject, useRef } from "react";
import { idsIn } from "./rowElements";

/** More than this would not fit into an address that can be shared. */
export const MAX_SELECTED = 200;

export interface Selection {
  readonly has: (id: string) => boolean;
  readonly size: number;
  readonly ids: readonly string[];
  /** Selects a row or the reverse; with `isRange`, all rows from the last one that was selected. */
  readonly toggle: (id: string, isRange: boolean) => void;
  readonly set: (ids: readonly string[]) => void;
  readonly remove: (ids: readonly string[]) => void;
}

type Change = (before: readonly string[]) => readonly string[];

/** The selected rows within an element, which the address keeps. */
export function useSelection(
  content: RefObject<HTMLElement | null>,
  ids: readonly string[],
  onChange: (change: Change) => void,
): Selection {
  const anchor = useRef<string | null>(null);
  const selected = new Set(ids);
  const toggle = (id: string, isRange: boolean) => {
    const order = idsIn(content.current);
    const from = order.indexOf(anchor.current ?? id);
    const to = order.indexOf(id);
    const range = isRange && from >= 0 ? order.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    anchor.current = id;
    onChange((before) =>
      isRange || !before.includes(id)
        ? [...new Set([...before, ...range])].slice(0, MAX_SELECTED)
        : before.filter((one) => one !== id),
    );
  };
  const set = (next: readonly string[]) => onChange(() => next.slice(0, MAX_SELECTED));
  const remove = (gone: readonly string[]) => onChange((before) => before.filter((id) => !gone.includes(id)));
  return { has: (id) => selected.has(id), size: selected.size, ids, toggle, set, remove };
}

import { type RefObject, useRef } from "react";
import type { Row } from "../../posts/groups";
import { postsIn } from "./rowElements";
import { ALL } from "./search";

/** More than this would not fit into an address that can be shared. */
export const MAX_SELECTED = 200;

export interface Selection {
  /** Whether all that match are selected, also those that are not loaded. */
  readonly isAll: boolean;
  readonly has: (id: string) => boolean;
  readonly ids: readonly string[];
  /** Selects the posts of a row or the reverse; with `isRange`, those of all rows from the last one that was selected. */
  readonly toggle: (row: readonly string[], isRange: boolean) => void;
  readonly set: (ids: readonly string[]) => void;
  readonly remove: (ids: readonly string[]) => void;
}

type Change = (before: readonly string[]) => readonly string[];

/** The selected posts of the rows within an element, which the address keeps. */
export function useSelection(
  content: RefObject<HTMLElement | null>,
  ids: readonly string[],
  onChange: (change: Change) => void,
): Selection {
  const anchor = useRef<string | null>(null);
  const selected = new Set(ids);
  const isAll = selected.has(ALL);
  const toggle = (row: readonly string[], isRange: boolean) => {
    const rows = postsIn(content.current);
    const range = isRange ? rangeOf(rows, anchor.current, row) : row;
    anchor.current = row.join(" ");
    onChange((before) => toggled(before.includes(ALL) ? rows.flat() : before, range, isRange));
  };
  const set = (next: readonly string[]) => onChange(() => [...new Set(next)].slice(0, MAX_SELECTED));
  const remove = (gone: readonly string[]) => {
    const done = new Set(gone);
    onChange((before) => before.filter((id) => !done.has(id)));
  };
  return { isAll, has: (id) => isAll || selected.has(id), ids: isAll ? [] : ids, toggle, set, remove };
}

/** Returns the posts of the rows from one to another; those of the other if there is no first one. */
export function rangeOf(
  rows: readonly (readonly string[])[],
  anchor: string | null,
  row: readonly string[],
): readonly string[] {
  const names = rows.map((ids) => ids.join(" "));
  const to = names.indexOf(row.join(" "));
  const from = anchor === null ? to : names.indexOf(anchor);
  return from < 0 ? row : rows.slice(Math.min(from, to), Math.max(from, to) + 1).flat();
}

/** Returns a selection with more posts; without them, if all of them are in it and it is no range. */
export function toggled(before: readonly string[], ids: readonly string[], isRange: boolean): readonly string[] {
  const isIn = new Set(before);
  if (!isRange && ids.every((id) => isIn.has(id))) return before.filter((id) => !ids.includes(id));
  return [...new Set([...before, ...ids])].slice(0, MAX_SELECTED);
}

/** Whether all loaded posts are selected, or as many as can be. */
export function areAllSelected(selection: Selection, rows: readonly Row[]): boolean {
  if (selection.isAll) return true;
  const loaded = rows.flatMap(({ posts }) => posts);
  const selected = loaded.filter(({ id }) => selection.has(id)).length;
  return selected > 0 && selected >= Math.min(loaded.length, MAX_SELECTED);
}

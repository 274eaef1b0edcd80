import type { RefObject } from "react";
import { ACTIONS } from "../../posts/actions/actions";
import { ACTION_IDS, isBulk } from "../../posts/actions/ids";
import { useShortcuts } from "../../ui/useShortcuts";
import { focusedPosts, focusRow, openRow, postsIn } from "./rowElements";
import { type QueueSearch, textOf } from "./search";
import type { Selection } from "./useSelection";

/** The keys of the queue. `selection` is null for a person who may only read. */
export function useQueueKeys(
  content: RefObject<HTMLElement | null>,
  selection: Selection | null,
  act: (change: Pick<QueueSearch, "act" | "on">) => void,
): void {
  const move = (by: 1 | -1) => () => void focusRow(content.current, by);
  const extend = (by: 1 | -1) => () => {
    const from = focusedPosts();
    if (from.some((id) => !selection?.has(id))) selection?.toggle(from, false);
    const to = focusRow(content.current, by);
    if (to.length > 0) selection?.toggle(to, true);
  };
  const toggle = (isRange: boolean) => () => {
    const row = focusedPosts();
    if (row.length > 0) selection?.toggle(row, isRange);
  };
  const isSelected = selection !== null && (selection.isAll || selection.ids.length > 0);
  const clear = () => {
    if (isSelected) selection.set([]);
  };
  const start = (action: (typeof ACTION_IDS)[number]) => () => {
    if (selection === null) return;
    const on = textOf(focusedPosts());
    if (selection.isAll && !isBulk(action)) return;
    if (isSelected) act({ act: action });
    else if (on !== undefined) act({ act: action, on });
  };
  useShortcuts({
    j: move(1),
    k: move(-1),
    o: openRow,
    x: toggle(false),
    "Shift+X": toggle(true),
    "Shift+J": extend(1),
    "Shift+K": extend(-1),
    "Shift+A": () => selection?.set(postsIn(content.current).flat()),
    Escape: clear,
    "/": () => document.querySelector<HTMLElement>("input[type=search]")?.focus(),
    "?": () => act({ act: "keys" }),
    ...Object.fromEntries(ACTION_IDS.map((id) => [ACTIONS[id].key, start(id)])),
  });
}

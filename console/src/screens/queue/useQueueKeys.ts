import type { RefObject } from "react";
import { ACTIONS } from "../../posts/actions/actions";
import { ACTION_IDS } from "../../posts/actions/ids";
import { useShortcuts } from "../../ui/useShortcuts";
import { focusedId, focusRow, idsIn, openRow } from "./rowElements";
import type { QueueSearch } from "./search";
import type { Selection } from "./useSelection";

/** The keys of the queue. `selection` is null for a person who may only read. */
export function useQueueKeys(
  content: RefObject<HTMLElement | null>,
  selection: Selection | null,
  act: (change: Pick<QueueSearch, "act" | "on">) => void,
): void {
  const move = (by: 1 | -1) => () => void focusRow(content.current, by);
  const extend = (by: 1 | -1) => () => {
    const from = focusedId();
    if (from !== undefined && !selection?.has(from)) selection?.toggle(from, false);
    const to = focusRow(content.current, by);
    if (to !== undefined) selection?.toggle(to, true);
  };
  const toggle = (isRange: boolean) => () => {
    const id = focusedId();
    if (id !== undefined) selection?.toggle(id, isRange);
  };
  const clear = () => {
    if (selection !== null && selection.size > 0) selection.set([]);
  };
  const start = (action: (typeof ACTION_IDS)[number]) => () => {
    if (selection === null) return;
    const on = focusedId();
    if (selection.size > 0) act({ act: action });
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
    "Shift+A": () => selection?.set(idsIn(content.current)),
    Escape: clear,
    "/": () => document.querySelector<HTMLElement>("input[type=search]")?.focus(),
    "?": () => act({ act: "keys" }),
    ...Object.fromEntries(ACTION_IDS.map((id) => [ACTIONS[id].key, start(id)])),
  });
}

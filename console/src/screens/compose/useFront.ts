import type { PlatformName } from "presswork-client";
import { useEffect, useRef } from "react";
import type { Draft } from "./draft";
import type { Field, Finding } from "./findings";
import { focusField, placeOf, tabOf } from "./jump";
import { type Tab, type TabId, tabsOf } from "./networks";

/** The tab in front, and the way to a field of any tab. */
export interface Front {
  readonly tabs: readonly Tab[];
  readonly tab: TabId;
  readonly show: (tab: TabId) => void;
  readonly jump: (field: Field) => void;
}

/** Returns the tab in front: that of the address, as long as an account of its network is chosen. */
export function useFront(
  draft: Draft,
  findings: readonly Finding[],
  asked: PlatformName | undefined,
  go: (tab: PlatformName | undefined) => void,
): Front {
  const tabs = tabsOf(draft, findings);
  const tab = tabs.find(({ id }) => id === asked)?.id ?? "everyone";
  const show = (next: TabId) => go(next === "everyone" ? undefined : next);
  const sought = useRef<{ readonly tab: TabId; readonly place: string } | null>(null);
  // The field is there once its tab is in front.
  useEffect(() => {
    if (sought.current?.tab !== tab) return;
    focusField(sought.current.place);
    sought.current = null;
  }, [tab]);
  const jump = (field: Field) => {
    const place = placeOf(field, draft);
    const next = tabOf(field, draft, tabs);
    if (next === tab) return focusField(place);
    sought.current = { tab: next, place };
    show(next);
  };
  return { tabs, tab, show, jump };
}

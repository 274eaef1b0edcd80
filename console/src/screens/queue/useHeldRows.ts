import { type FocusEvent, type PointerEvent, useEffect, useMemo, useState } from "react";
import type { Row } from "../../posts/groups";
import { type StableRows, stableRows } from "./stableRows";

/** A pointer that only passes, and the focus on its way back from a dialog, change nothing. */
const RELEASED_AFTER_MS = 300;

interface HeldRows extends StableRows {
  /** For the element around the rows. */
  readonly holders: {
    readonly onPointerEnter: (event: PointerEvent) => void;
    readonly onPointerLeave: () => void;
    readonly onFocus: () => void;
    readonly onBlur: (event: FocusEvent) => void;
  };
  /** Shows the list as it is now. The button for it is gone then, and with it the focus, which nothing reports. */
  readonly release: () => void;
}

/** Keeps the rows of a list where they are while the pointer or the focus is among them, or `isInUse`. */
export function useHeldRows(list: string, fresh: readonly Row[], isInUse: boolean): HeldRows {
  const [latest, setHeld] = useState<{ readonly list: string; readonly rows: readonly Row[] } | null>(null);
  const held = latest?.list === list ? latest.rows : null;
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const isBusy = isPointed || isFocused || isInUse;
  useEffect(() => {
    if (isBusy) return;
    const timer = setTimeout(() => setHeld(null), RELEASED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isBusy]);
  useEffect(() => {
    if (isInUse && held === null && fresh.length > 0) setHeld({ list, rows: fresh });
  }, [isInUse, held, list, fresh]);
  const rows = useMemo(() => stableRows(held ?? fresh, fresh), [held, fresh]);
  const hold = () => held === null && setHeld({ list, rows: fresh });
  return {
    ...rows,
    holders: {
      onPointerEnter: ({ pointerType }) => {
        if (pointerType !== "mouse") return;
        hold();
        setPointed(true);
      },
      onPointerLeave: () => setPointed(false),
      onFocus: () => {
        hold();
        setFocused(true);
      },
      onBlur: ({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) setFocused(false);
      },
    },
    release: () => {
      setHeld(isBusy ? { list, rows: fresh } : null);
      setFocused(false);
    },
  };
}

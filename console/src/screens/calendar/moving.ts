/** The row that is being moved: by the pointer, or by keys. Cells and the sentence follow it without the screen. */

import { type PointerEvent as ReactPointerEvent, useSyncExternalStore } from "react";
import type { Row } from "../../posts/groups";
import { minuteOf, STEP_MINUTES, type Target } from "./dates";

const START_PIXELS = 5;
const EDGE_PIXELS = 40;
const TURN_MS = 600;

export interface Moving {
  readonly row: Row;
  readonly by: "pointer" | "keys";
  /** Null while the pointer is outside of the calendar. */
  readonly target: Target | null;
}

let moving: Moving | null = null;
const listeners = new Set<() => void>();

/** Starts, changes or ends moving. */
export function setMoving(next: Moving | null): void {
  moving = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Returns a part of what is being moved. Only a change of this part shows the component again. */
export function useMoving<T extends string | number | boolean | Moving | null>(
  select: (moving: Moving | null) => T,
): T {
  return useSyncExternalStore(subscribe, () => select(moving));
}

/** Follows the pointer from a row to where it is dropped. A press without a way remains a click. */
export function dragFrom(event: ReactPointerEvent, row: Row, onDrop: (row: Row, target: Target) => void): void {
  if (event.button !== 0 || event.pointerType === "touch") return; // a finger scrolls; it has "Move to…"
  const { clientX, clientY } = event;
  const ending = new AbortController();
  const turning = pageTurner();
  const end = () => {
    ending.abort();
    turning.stop();
    setMoving(null);
  };
  const move = (at: PointerEvent) => {
    if (moving === null && Math.hypot(at.clientX - clientX, at.clientY - clientY) < START_PIXELS) return;
    const under = document.elementFromPoint(at.clientX, at.clientY);
    const target = targetAt(under, at.clientY);
    turning.hover(under);
    scrollAtEdge(under, at.clientY);
    if (moving === null || target?.day !== moving.target?.day || target?.minute !== moving.target?.minute) {
      setMoving({ row, by: "pointer", target });
    }
  };
  const up = () => {
    const target = moving?.target ?? null;
    if (moving !== null) swallowClick();
    end();
    if (target !== null) onDrop(row, target);
  };
  const { signal } = ending;
  window.addEventListener("pointermove", move, { signal });
  window.addEventListener("pointerup", up, { signal });
  window.addEventListener("pointercancel", end, { signal });
  window.addEventListener("blur", end, { signal });
  window.addEventListener("keydown", (key) => key.key === "Escape" && end(), { signal, capture: true });
}

/** Starts moving a row by keys. In a week it moves by quarters of an hour, else it keeps its time. */
export function pickUp(row: Row, day: string, zone: string, hasTimes: boolean): void {
  setMoving({
    row,
    by: "keys",
    target: { day, ...(hasTimes && { minute: minuteOf(row.scheduledFor, zone) }) },
  });
}

function targetAt(under: Element | null, clientY: number): Target | null {
  const cell = under?.closest<HTMLElement>("[data-day]");
  const day = cell?.dataset["day"];
  if (cell === null || cell === undefined || day === undefined) return null;
  const slot = under?.closest<HTMLElement>("[data-minute]");
  if (slot) return { day, minute: Number(slot.dataset["minute"]) };
  const hour = cell.dataset["hour"];
  if (hour === undefined) return { day };
  const { top, height } = cell.getBoundingClientRect();
  const steps = 60 / STEP_MINUTES;
  const step = Math.min(steps - 1, Math.max(0, Math.floor(((clientY - top) / height) * steps)));
  return { day, minute: Number(hour) * 60 + step * STEP_MINUTES };
}

/** The click that ends a drag must open nothing. */
function swallowClick(): void {
  const swallow = (click: MouseEvent) => {
    click.preventDefault();
    click.stopPropagation();
  };
  window.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 0);
}

function scrollAtEdge(under: Element | null, clientY: number): void {
  const box = under?.closest(".week-scroll");
  const { top, bottom } = box?.getBoundingClientRect() ?? { top: 0, bottom: window.innerHeight };
  const by = clientY < top + EDGE_PIXELS ? -EDGE_PIXELS / 2 : clientY > bottom - EDGE_PIXELS ? EDGE_PIXELS / 2 : 0;
  if (by !== 0) (box ?? window).scrollBy(0, by);
}

/** Presses what turns the page, or shows the night, when a row is held over it. */
function pageTurner() {
  let over: HTMLElement | null = null;
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = () => clearInterval(timer);
  return {
    stop,
    hover: (under: Element | null) => {
      const button = under?.closest<HTMLElement>("[data-turns]") ?? null;
      if (button === over) return;
      stop();
      over = button;
      if (button !== null) timer = setInterval(() => button.click(), TURN_MS);
    },
  };
}

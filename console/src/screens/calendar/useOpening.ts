import { type RefObject, useLayoutEffect, useRef } from "react";

const OPENING_MS = 3_000;

/** Scrolls to an hour, at a part of the height. It stays there while the hours above it grow, until a person scrolls. */
export function useOpening(head: RefObject<HTMLElement | null>, isKnown: boolean, hour: number, part: number): void {
  const latest = useRef({ hour, part });
  latest.current = { hour, part };
  useLayoutEffect(() => {
    const table = isKnown ? head.current?.parentElement : null;
    const scroll = table?.closest(".week-scroll");
    if (!table || !scroll) return;
    const place = () => {
      const row = table.querySelector<HTMLElement>(`[data-hour-row="${latest.current.hour}"]`);
      const headPixels = head.current?.offsetHeight ?? 0;
      const part = latest.current.part * (scroll.clientHeight - headPixels);
      scroll.scrollTo(0, (row?.offsetTop ?? 0) - headPixels - part);
    };
    place();
    const ending = new AbortController();
    const growing = new ResizeObserver(place);
    const end = () => {
      ending.abort();
      growing.disconnect();
      clearTimeout(timer);
    };
    const timer = setTimeout(end, OPENING_MS);
    growing.observe(table);
    for (const type of ["wheel", "pointerdown", "keydown"] as const) {
      scroll.addEventListener(type, end, { signal: ending.signal, passive: true });
    }
    return end;
  }, [head, isKnown]);
}

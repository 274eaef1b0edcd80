import { useSyncExternalStore } from "react";

/** What is above and below the weeks of a month. */
const AROUND_PIXELS = 216;
const LEAST_WEEK_PIXELS = 128;
/** Of a day, without its rows: its head, its end, and the line that says how many posts are not shown. */
const WITHOUT_ROWS_PIXELS = 53;
const ROW_PIXELS = 25;

/** Returns how many rows a day of a month has room for, where its weeks fill the window. */
export function rowsPerDay(windowPixels: number, weeks: number): number {
  const week = Math.max(LEAST_WEEK_PIXELS, (windowPixels - AROUND_PIXELS) / weeks);
  return Math.floor((week - WITHOUT_ROWS_PIXELS) / ROW_PIXELS);
}

/** The same for this window. */
export function useRowsPerDay(weeks: number): number {
  return useSyncExternalStore(
    (onChange) => {
      window.addEventListener("resize", onChange);
      return () => window.removeEventListener("resize", onChange);
    },
    () => rowsPerDay(window.innerHeight, weeks),
  );
}

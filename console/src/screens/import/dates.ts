import type { DateOrder } from "presswork-client";

const SLASHED = /^\s*(\d{1,2})[/-](\d{1,2})[/-]\d{4}/;

/** Whether dates have slashes, so that the order of day and month has to be known. */
export function hasSlashes(cells: readonly string[]): boolean {
  return cells.some((cell) => SLASHED.test(cell));
}

/** Returns how dates with slashes are written, if a day beyond 12 among them says so, and no other contradicts it. */
export function orderOf(cells: readonly string[]): DateOrder | null {
  const found = new Set<DateOrder>();
  for (const cell of cells) {
    const [first, second] = (SLASHED.exec(cell) ?? []).slice(1).map(Number);
    if (first === undefined || second === undefined) continue;
    if (first > 12 && second <= 12) found.add("day_first");
    else if (second > 12 && first <= 12) found.add("month_first");
  }
  const [order, other] = found;
  return order !== undefined && other === undefined ? order : null;
}

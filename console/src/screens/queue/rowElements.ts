/** Rows are elements with the id of their post as `data-post`; the keyboard goes from one to the next. */

const ROW = "[data-post]";

function rowsIn(content: HTMLElement | null): readonly HTMLElement[] {
  return content === null ? [] : [...content.querySelectorAll<HTMLElement>(ROW)];
}

/** Returns the ids of the posts as they are shown, in order. */
export function idsIn(content: HTMLElement | null): readonly string[] {
  return rowsIn(content).flatMap((row) => row.dataset["post"] ?? []);
}

/** Returns the id of the post whose row has the focus. */
export function focusedId(): string | undefined {
  return document.activeElement?.closest<HTMLElement>(ROW)?.dataset["post"];
}

/** Moves the focus by rows, to the first or last one if no row has it, and returns the id of its post. */
export function focusRow(content: HTMLElement | null, by: 1 | -1): string | undefined {
  const rows = rowsIn(content);
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1)];
  row?.querySelector<HTMLElement>("a")?.focus();
  return row?.dataset["post"];
}

/** Opens the post whose row has the focus. */
export function openRow(): void {
  document.activeElement?.closest(ROW)?.querySelector<HTMLElement>("a")?.click();
}

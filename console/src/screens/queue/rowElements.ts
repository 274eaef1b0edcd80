/** Rows are elements with the ids of their posts as `data-posts`; the keyboard goes from one to the next. */

const ROW = "[data-posts]";
const NAME = ".row-name";

function rowsIn(content: HTMLElement | null): readonly HTMLElement[] {
  return content === null ? [] : [...content.querySelectorAll<HTMLElement>(ROW)];
}

function postsOf(row: HTMLElement | null | undefined): readonly string[] {
  return row?.dataset["posts"]?.split(" ") ?? [];
}

/** Returns the ids of the posts of each row as they are shown, in order. */
export function postsIn(content: HTMLElement | null): readonly (readonly string[])[] {
  return rowsIn(content).map(postsOf);
}

/** Returns the ids of the posts of the row that has the focus; none if no row has it. */
export function focusedPosts(): readonly string[] {
  return postsOf(document.activeElement?.closest<HTMLElement>(ROW));
}

/** Moves the focus by rows, to the first or last one if no row has it, and returns the ids of its posts. */
export function focusRow(content: HTMLElement | null, by: 1 | -1): readonly string[] {
  const rows = rowsIn(content);
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1)];
  row?.querySelector<HTMLElement>(NAME)?.focus();
  return postsOf(row);
}

/** Opens what has the focus: the post, or the row into its posts. */
export function openRow(): void {
  document.activeElement?.closest(ROW)?.querySelector<HTMLElement>(NAME)?.click();
}

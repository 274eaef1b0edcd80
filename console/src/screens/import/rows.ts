import type { ImportColumn, ImportedRow, ImportRowParam } from "presswork-client";
import type { Table } from "./csv";

export const MAX_ROWS = 500;
/** Rows with media or a link of one dry run: the limit of the API. */
const FETCHED_AT_ONCE = 20;

export type Cells = Readonly<Partial<Record<ImportColumn, string>>>;

/** A row of the table on the screen. */
export interface Row {
  /** Position in the file, from 1. */
  readonly number: number;
  readonly cells: Cells;
  /** What the last check found; null: not checked since the last change. */
  readonly result: ImportedRow | null;
}

/** Whether a row is ready, has to be corrected, or is not checked. */
export type Verdict = "ready" | "refused" | "unchecked";

export function verdictOf({ result }: Row): Verdict {
  if (result === null) return "unchecked";
  return result.ok ? "ready" : "refused";
}

/** Returns the rows of a file; columns that mean nothing are left out. */
export function rowsOf(table: Table, columns: readonly (ImportColumn | null)[]): Row[] {
  return table.rows.map((line, index) => {
    const cells: Partial<Record<ImportColumn, string>> = {};
    columns.forEach((column, place) => {
      const cell = line[place] ?? "";
      if (column !== null && cell.trim() !== "") cells[column] = cell;
    });
    return { number: index + 1, cells, result: null };
  });
}

/** Returns rows in parts of which each has media for as many rows as one dry run may. */
export function partsOf(rows: readonly Row[]): Row[][] {
  const parts: Row[][] = [];
  for (let start = 0; start < rows.length; start += FETCHED_AT_ONCE)
    parts.push(rows.slice(start, start + FETCHED_AT_ONCE));
  return parts;
}

/** Returns the alternative texts of a row, in the order of its media. */
export function altTextsOf({ altText = "" }: Cells): readonly string[] {
  return altText.split(/[|\n]/).map((text) => text.trim());
}

/** Returns the labels of a row. */
export function labelsOf({ labels = "" }: Cells): readonly string[] {
  return labels
    .split(/[,\n]/)
    .map((label) => label.trim())
    .filter((label) => label !== "");
}

/** What is created for a row before it is imported, or null if its content exists. */
export function contentOf({
  media = "",
  altText = "",
  caption = "",
  link = "",
  parts = "",
  firstComment = "",
  labels = "",
  containerId,
}: Cells) {
  if (containerId !== undefined) return null;
  const texts = altTextsOf({ altText });
  const sources = media
    .split(/\s+/)
    .filter((url) => url !== "")
    .map((url, place) => ({ url, ...(texts[place] && { altText: texts[place] }) }));
  return {
    media: sources,
    text: caption,
    ...(link.trim() && { link: { url: link.trim() } }),
    ...(parts.trim() && { parts: parts.split(/^[ \t]*-{3,}[ \t]*$/m).map((text) => ({ text: text.trim() })) }),
    ...(firstComment.trim() && { firstComment }),
    ...(labels.trim() && { labels: labelsOf({ labels }) }),
  };
}

/** Returns a row as it is imported once its content is uploaded. */
export function withContent(cells: Cells, containerId: string): ImportRowParam {
  const {
    media: _media,
    altText: _altText,
    caption: _caption,
    link: _link,
    parts: _parts,
    firstComment: _comment,
    labels: _labels,
    ...rest
  } = cells;
  return { ...rest, containerId };
}

import type { ImportColumn } from "presswork-client";

type Cells = Readonly<Partial<Record<ImportColumn, string>>>;

/** The files that were added, by `keyOf` their names. */
export type AddedFiles = ReadonlyMap<string, File>;

const HAS_ENDING = /^\S+\.[A-Za-z0-9]{2,5}$/;

/**
 * Returns the names of files in a cell of media; none if it has URLs. Names are apart by line feeds, commas, semicolons and bars, and
 * by spaces where each of them has an ending: a single name may have spaces.
 */
export function fileNamesIn(cell: string): readonly string[] {
  if (cell.includes("://")) return [];
  return cell.split(/[\n,;|]+/).flatMap((piece) => {
    const words = piece.split(/\s+/).filter((word) => word !== "");
    return words.every((word) => HAS_ENDING.test(word)) ? words : [piece.trim()];
  });
}

/** Returns what two names of one file have in common: no folder, no capitals, one way to write accents. */
export function keyOf(name: string): string {
  return (name.split(/[/\\]/).at(-1) ?? name).normalize("NFC").toLowerCase();
}

/** Returns the names of files in a row that has no content yet. */
export function namesOf({ media = "", containerId }: Cells): readonly string[] {
  return containerId === undefined ? fileNamesIn(media) : [];
}

/** Returns the names that are not among the files that were added, each once. */
export function missingOf(rows: readonly Cells[], files: AddedFiles): readonly string[] {
  const missing = rows.flatMap(namesOf).filter((name) => !files.has(keyOf(name)));
  return [...new Map(missing.map((name) => [keyOf(name), name])).values()];
}

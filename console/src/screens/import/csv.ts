/** A table as a spreadsheet saves it. */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const SEPARATORS = [",", ";", "\t"] as const;

/** Returns the text of a file, or null if it is neither UTF-8 nor UTF-16. */
export function decode(bytes: ArrayBuffer): string | null {
  const [first, second] = new Uint8Array(bytes.slice(0, 2));
  const isBig = first === 0xfe && second === 0xff;
  const encoding = isBig ? "utf-16be" : first === 0xff && second === 0xfe ? "utf-16le" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Reads a table with commas, semicolons or tabs, whichever its first line has most of. Empty lines are skipped. */
export function parse(text: string): Table {
  const hint = /^sep=(.)\r?\n/.exec(text); // Excel's own first line
  const body = hint === null ? text : text.slice(hint[0].length);
  const first = body.slice(0, (body.indexOf("\n") + 1 || body.length + 1) - 1);
  const counts = SEPARATORS.map((one) => first.split(one).length);
  const separator = hint?.[1] ?? SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ",";
  const [header = [], ...rows] = linesOf(body, separator).filter((cells) => cells.some((cell) => cell.trim() !== ""));
  return { header, rows };
}

function linesOf(text: string, separator: string): string[][] {
  const lines: string[][] = [];
  let cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  const endLine = () => {
    lines.push([...cells, cell]);
    cells = [];
    cell = "";
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? "";
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at++;
      } else isQuoted = false;
    } else if (letter === '"' && cell === "") isQuoted = true;
    else if (letter === separator) {
      cells.push(cell);
      cell = "";
    } else if (letter === "\n") endLine();
    else if (letter !== "\r" || text[at + 1] !== "\n") cell += letter;
  }
  if (cell !== "" || cells.length > 0) endLine();
  return lines;
}

/** Writes a table for spreadsheets. A cell that one would run as a formula begins with an apostrophe. */
export function write(lines: readonly (readonly string[])[]): string {
  const quoted = (cell: string) => {
    const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
    return /[",;\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\uFEFF${lines.map((cells) => cells.map(quoted).join(",")).join("\r\n")}\r\n`;
}

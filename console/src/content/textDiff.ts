/** A piece of one of two texts; `isOwn` if the other text does not have it. */
export interface Piece {
  readonly text: string;
  readonly isOwn: boolean;
}

/** Two texts in pieces that mark where they differ. */
export interface TextDiff {
  readonly before: readonly Piece[];
  readonly after: readonly Piece[];
}

/** More words than this are compared as a whole: the table has the product of both numbers. */
const MOST_WORDS = 2_000;

/** Compares two texts word by word. */
export function diffTexts(before: string, after: string): TextDiff {
  const [old, current] = [wordsOf(before), wordsOf(after)];
  if (old.length > MOST_WORDS || current.length > MOST_WORDS) {
    return { before: [{ text: before, isOwn: true }], after: [{ text: after, isOwn: true }] };
  }
  const common = commonLengths(old, current);
  const pieces: { before: Piece[]; after: Piece[] } = { before: [], after: [] };
  let [i, j] = [0, 0];
  while (i < old.length || j < current.length) {
    const [left, right] = [old[i], current[j]];
    if (left !== undefined && left === right) {
      add(pieces.before, left, false);
      add(pieces.after, left, false);
      i += 1;
      j += 1;
    } else if (
      right === undefined ||
      (left !== undefined && lengthAt(common, i + 1, j) >= lengthAt(common, i, j + 1))
    ) {
      add(pieces.before, left ?? "", true);
      i += 1;
    } else {
      add(pieces.after, right, true);
      j += 1;
    }
  }
  return pieces;
}

/** Words and the white space between them, so that the pieces put together are the text. */
function wordsOf(text: string): readonly string[] {
  return text.match(/\s+|\S+/g) ?? [];
}

/** The length of the longest common subsequence of the words from `i` and from `j` on, for every `i` and `j`. */
function commonLengths(old: readonly string[], current: readonly string[]): readonly Uint16Array[] {
  const rows = Array.from({ length: old.length + 1 }, () => new Uint16Array(current.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = current.length - 1; j >= 0; j -= 1) {
      const length =
        old[i] === current[j]
          ? lengthAt(rows, i + 1, j + 1) + 1
          : Math.max(lengthAt(rows, i + 1, j), lengthAt(rows, i, j + 1));
      rows[i]?.fill(length, j, j + 1);
    }
  }
  return rows;
}

function lengthAt(rows: readonly Uint16Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}

function add(pieces: Piece[], text: string, isOwn: boolean): void {
  const last = pieces.at(-1);
  if (last !== undefined && last.isOwn === isOwn) pieces[pieces.length - 1] = { text: last.text + text, isOwn };
  else pieces.push({ text, isOwn });
}

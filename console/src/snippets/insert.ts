/** What stands for the value of a variable in a text. */
export function placeholderOf(name: string): string {
  return `{{${name}}}`;
}

/** Where in a text a snippet goes: from its first character until its last one. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** Returns the place of a slash that was just typed at the beginning of a word; null for any other. */
export function slashBefore(text: string, caret: number): Place | null {
  if (text[caret - 1] !== "/") return null;
  const before = text[caret - 2];
  return before === undefined || /\s/.test(before) ? { start: caret - 1, end: caret } : null;
}

/** Returns a text with a snippet in a place, and where the caret is then. */
export function inserted(text: string, { start, end }: Place, snippet: string): { text: string; caret: number } {
  return { text: text.slice(0, start) + snippet + text.slice(end), caret: start + snippet.length };
}

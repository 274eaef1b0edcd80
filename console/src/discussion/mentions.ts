/** A person who can be named in a comment. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

const MAX_SUGGESTIONS = 6;
/** A name that is being typed: an @ at the beginning of a word, and what follows it up to the cursor. */
const BEGUN = /(?:^|[\s(])@([\p{L}\p{N}.'’-]*(?: [\p{L}\p{N}.'’-]*)?)$/u;

/** Returns what was typed of a name before the cursor; null: no name is being typed. */
export function begunName(text: string, cursor: number): string | null {
  return BEGUN.exec(text.slice(0, cursor))?.[1] ?? null;
}

/** Returns the people whom a begun name may mean: one of their names begins so. */
export function suggestedFor(begun: string, people: readonly Person[]): readonly Person[] {
  const sought = begun.trim().toLowerCase();
  const isMeant = ({ name }: Person) => {
    const whole = name.toLowerCase();
    return whole.startsWith(sought) || whole.split(/[\s@.-]+/).some((part) => part.startsWith(sought));
  };
  return people.filter(isMeant).slice(0, MAX_SUGGESTIONS);
}

/** Returns a text with the begun name before the cursor completed, and where the cursor is then. */
export function withName(
  text: string,
  cursor: number,
  { name }: Person,
): { readonly text: string; readonly cursor: number } {
  const begun = begunName(text, cursor) ?? "";
  const before = `${text.slice(0, cursor - begun.length)}${name} `;
  return { text: before + text.slice(cursor).replace(/^ /, ""), cursor: before.length };
}

/** Returns the ids of those who are named in a text. */
export function mentionsIn(text: string, people: readonly Person[]): readonly string[] {
  return people.filter(({ name }) => isNamed(text, name)).map(({ id }) => id);
}

/** "@Mar" is not named in "@Mario". */
function isNamed(text: string, name: string): boolean {
  const [, ...after] = text.split(`@${name}`);
  return after.some((rest) => !/^[\p{L}\p{N}]/u.test(rest));
}

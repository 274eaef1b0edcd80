/** What a program knows by a name or a code, and a person does not: `captionOverride`, PRESSWORK_PUBLIC_URL, GET /v1/… */
const TECHNICAL = [
  "`",
  "\\b[a-z]+[A-Z]\\w*",
  "\\b\\w+_\\w+",
  "\\b[a-z]+-url\\b",
  "\\bHTTP\\b",
  "\\bUTF-16\\b",
  "\\b[A-Z]+ /",
  "://",
].join("|");
const IS_TECHNICAL = new RegExp(TECHNICAL);
const IN_BRACKETS = new RegExp(`\\s*\\((?:(?:code )?[\\d/.-]{2,}|[^()]*(?:${TECHNICAL})[^()]*)\\)`, "g");
const POST_ID = /\bsp_[0-9a-f-]{36}/g;
const BETWEEN_SENTENCES = /(?<=[.!?]) (?=[A-Z“])/;

/**
 * Returns a text of the API as a person reads it, without hints for programs; null if what it says first cannot be said without
 * names and codes of the API.
 */
export function personText(text: string): string | null {
  const [first = "", ...others] = text
    .replace(IN_BRACKETS, "")
    .replace(POST_ID, "another post")
    .split(BETWEEN_SENTENCES);
  if (IS_TECHNICAL.test(first)) return null;
  return [first, ...others.filter((sentence) => !IS_TECHNICAL.test(sentence))].join(" ");
}

/** Returns a name of the API as words: `targets[0].scheduledFor` → "Scheduled for", `domains[1]` → "Domains no. 2". */
export function wordsOf(path: string): string {
  const [, name = path, place] = /([^.[\]]+)(?:\[(\d+)\])?$/.exec(path) ?? [];
  const spaced = name.replace(
    /([a-z0-9])([A-Z])/g,
    (_, before: string, next: string) => `${before} ${next.toLowerCase()}`,
  );
  const number = place === undefined ? "" : ` no. ${Number(place) + 1}`;
  return `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)}${number}`;
}

/** What a program knows by a name or a code, and a person does not: `captionOverride`, PRESSWORK_PUBLIC_URL, reauth-url. */
const TECHNICAL = [
  "`",
  "\\b[a-z]+[A-Z]\\w*",
  "\\b\\w+_\\w+",
  "\\b[a-z]+-url\\b",
  "\\bHTTP\\b",
  "\\bUTF-16\\b",
  "://",
].join("|");
const IN_BRACKETS = new RegExp(`\\s*\\((?:[\\d/.-]{2,}|[^()]*(?:${TECHNICAL})[^()]*)\\)`, "g");
const POST_ID = /\bsp_[0-9a-f-]{36}/g;

/**
 * Returns a text of the API as a person reads it, without hints for programs; null if it cannot be said without names and codes
 * of the API.
 */
export function personText(text: string): string | null {
  const kept = text.replace(IN_BRACKETS, "").replace(POST_ID, "another post");
  return new RegExp(TECHNICAL).test(kept) ? null : kept;
}

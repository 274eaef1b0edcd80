import { APIConnectionError, APIStatusError, ValidationError } from "presswork-client";

/** Returns what a person reads about a failed call. The API's messages say what to do next. */
export function messageOf(error: unknown): string {
  if (error instanceof APIStatusError) {
    return error.requestId === undefined ? error.message : `${error.message} (request ${error.requestId})`;
  }
  if (error instanceof APIConnectionError) return "Presswork does not answer. Check that it is running, and try again.";
  return error instanceof Error ? error.message : String(error);
}

/** Returns the messages of a refused body by path: `{ "email": "…" }`; empty for another error. */
export function issuesOf(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof ValidationError)) return {};
  return Object.fromEntries(error.issues.map((issue) => [issue.path, issue.message]));
}

/** Returns what a form says about a failed call besides the issues at its fields, which have these paths; null: nothing. */
export function messageBeside(error: unknown, fields: readonly string[]): string | null {
  if (error === null) return null;
  if (!(error instanceof ValidationError) || error.issues.length === 0) return messageOf(error);
  const others = error.issues.filter(({ path }) => !fields.includes(path));
  if (others.length === 0) return null;
  return others
    .map(({ path, message }) => (path === "" || message.includes(`\`${path}\``) ? message : `${path}: ${message}`))
    .join(" ");
}

/** Returns the page about the code of a refused call: what it means, and what to do. */
export function docUrlOf(error: unknown): string | undefined {
  return error instanceof APIStatusError ? error.docUrl : undefined;
}

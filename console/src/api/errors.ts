import { APIConnectionError, APIStatusError, ValidationError } from "presswork-client";
import { personText, wordsOf } from "./personText";

/** Why a call was refused, in our words, where the server's are for programs. */
const SENTENCES: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: "You are not signed in any more. Sign in again.",
  FORBIDDEN_SCOPE: "Your role may not do this. Ask an administrator for one that may.",
  CONFIRMATION_REQUIRED: "Nothing was changed: you did not confirm that it is you.",
  APPROVAL_REQUIRED: "The content has to be approved first.",
  PLAN_LIMIT: "That is more than your plan includes. Remove what you do not need, or ask for a higher limit.",
  NOT_FOUND: "It does not exist any more, or you may not see it.",
  CONFLICT: "It has changed meanwhile. Look again, then try again.",
  CONTENT_REJECTED: "The content was rejected, so it can't be published.",
  RATE_LIMITED: "That was too often. Wait a moment, then try again.",
  SOCIAL_ACCOUNT_NOT_PUBLISH_READY: "The account can't publish now. Open it under Accounts to see why.",
  UNAVAILABLE: "This is not available now. Try again later, or ask an administrator.",
  KILL_SWITCH: "Publishing is switched off here. Ask an administrator.",
  INTERNAL: "Something went wrong in Presswork. Try again; if it stays so, ask an administrator.",
};

/** Returns what a person reads about a failed call. Its number is for who looks into a failure of the server. */
export function messageOf(error: unknown): string {
  if (error instanceof APIStatusError) {
    const said = error instanceof ValidationError ? issueText(error.message) : personText(error.message);
    const sentence = said ?? SENTENCES[error.code ?? ""] ?? "It was refused. Try again, or ask an administrator.";
    return isOurFault(error) && error.requestId !== undefined ? `${sentence} (request ${error.requestId})` : sentence;
  }
  if (error instanceof APIConnectionError) return "Presswork does not answer. Check that it is running, and try again.";
  return error instanceof Error ? error.message : String(error);
}

function isOurFault({ statusCode }: APIStatusError): boolean {
  return statusCode >= 500;
}

/** Returns a refusal of input with its fields by words: "`scheduledFor` is in the past." → "Scheduled for is in the past." */
function issueText(message: string): string {
  return message.replace(/`([\w.[\]]+)`/g, (_, path: string) => wordsOf(path)).replace(/ \(\d+ more in [\w.]+\)$/, "");
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
    .map(({ path, message }) =>
      path === "" || message.includes(`\`${path}\``) ? issueText(message) : `${wordsOf(path)}: ${issueText(message)}`,
    )
    .join(" ");
}

/** Returns the page about a failure of the server: what it means, and what to do. What is refused says that itself. */
export function docUrlOf(error: unknown): string | undefined {
  return error instanceof APIStatusError && isOurFault(error) ? error.docUrl : undefined;
}

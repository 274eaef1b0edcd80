export const LANGUAGES = [
  { id: "curl", label: "curl" },
  { id: "python", label: "Python" },
  { id: "typescript", label: "TypeScript" },
] as const;

export type Language = (typeof LANGUAGES)[number]["id"];

/** What of the screen is in its address. */
export interface ComposeSearch {
  readonly project?: string | undefined;
  /** Content that exists, from which the draft starts. */
  readonly content?: string | undefined;
  /** The account whose preview is shown. */
  readonly preview?: string | undefined;
  /** The open dialog with the call as code. */
  readonly call?: Language | undefined;
  /** What was sent: ids of posts, separated by commas, `review`, or `kept`. */
  readonly posted?: string | undefined;
  /** Why a login failed from which a person comes back. */
  readonly layers_oauth_error?: string | undefined;
}

const TEXTS = ["project", "content", "preview", "posted", "layers_oauth_error"] as const;

/** Reads the address; what is not understood is dropped. */
export function composeSearch(search: Record<string, unknown>): ComposeSearch {
  const texts = TEXTS.flatMap((name) => {
    const value = search[name];
    return typeof value === "string" && value !== "" ? [[name, value] as const] : [];
  });
  const language = LANGUAGES.find(({ id }) => id === search["call"])?.id;
  return { ...Object.fromEntries(texts), ...(language !== undefined && { call: language }) };
}

/** Returns what `posted` names. */
export function postedOf(posted: string): readonly string[] | "review" | "kept" {
  return posted === "review" || posted === "kept" ? posted : posted.split(",");
}

import type { PlatformName } from "presswork-client";
import { isPlatform } from "../../platforms/platforms";

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
  /** When it goes out at first: a day in the project's zone, "2026-12-24", or an instant, "2026-12-24T13:00Z". */
  readonly at?: string | undefined;
  /** The queue whose time `at` is, or the one that chooses a time. */
  readonly queue?: string | undefined;
  /** Whether the dialog that repeats the post is open. */
  readonly repeat?: "open" | undefined;
  /** The draft on the server that is open. */
  readonly draft?: string | undefined;
  /** The network whose tab is in front. */
  readonly tab?: PlatformName | undefined;
  /** Whether the list of drafts is open. */
  readonly drafts?: "open" | undefined;
  /** The account whose preview is shown. */
  readonly preview?: string | undefined;
  /** The open dialog with the call as code. */
  readonly call?: Language | undefined;
  /** What was sent: ids of posts, separated by commas, `review`, `kept`, or `series`. */
  readonly posted?: string | undefined;
  /** Why a login failed from which a person comes back. */
  readonly layers_oauth_error?: string | undefined;
}

const TEXTS = ["project", "content", "queue", "draft", "preview", "posted", "layers_oauth_error"] as const;

const AT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}Z)?$/;

/** Reads the address; what is not understood is dropped. */
export function composeSearch(search: Record<string, unknown>): ComposeSearch {
  const texts = TEXTS.flatMap((name) => {
    const value = search[name];
    return typeof value === "string" && value !== "" ? [[name, value] as const] : [];
  });
  const language = LANGUAGES.find(({ id }) => id === search["call"])?.id;
  const { tab, at } = search;
  return {
    ...Object.fromEntries(texts),
    ...(typeof at === "string" && AT.test(at) && { at }),
    ...(isPlatform(tab) && { tab }),
    ...(search["repeat"] === "open" && { repeat: "open" as const }),
    ...(search["drafts"] === "open" && { drafts: "open" as const }),
    ...(language !== undefined && { call: language }),
  };
}

const WITHOUT_POSTS = ["review", "kept", "series"] as const;

/** Returns what `posted` names. */
export function postedOf(posted: string): readonly string[] | (typeof WITHOUT_POSTS)[number] {
  return WITHOUT_POSTS.find((one) => one === posted) ?? posted.split(",");
}

import type { DecisionKind } from "./useDecisions";

/** What the address of the inbox has. */
export interface ApprovalsSearch {
  readonly project?: string | undefined;
  /** Only what waits for the person who looks. */
  readonly mine?: true | undefined;
  /** The item that is open. */
  readonly content?: string | undefined;
  /** The items that are approved together. */
  readonly selected?: readonly string[] | undefined;
  /** The decision whose note is being written. */
  readonly note?: DecisionKind | undefined;
}

/** An address as it was typed: `approvalsSearch` reads it, once the screen is loaded. */
export type ApprovalsAddress = { readonly [name in keyof ApprovalsSearch]?: unknown };

const KINDS: ReadonlySet<unknown> = new Set<DecisionKind>(["approve", "reject", "changes"]);

/** Reads the address; what does not belong there is dropped. */
export function approvalsSearch(search: ApprovalsAddress): ApprovalsSearch {
  const { project, content, selected, note, mine } = search;
  return {
    ...(typeof project === "string" && { project }),
    ...(mine === true && { mine }),
    ...(typeof content === "string" && { content }),
    ...(Array.isArray(selected) && { selected: selected.filter((id) => typeof id === "string") }),
    ...(isKind(note) && { note }),
  };
}

function isKind(value: unknown): value is DecisionKind {
  return KINDS.has(value);
}

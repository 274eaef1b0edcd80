import type { Content } from "presswork-client";
import { useState } from "react";

/** What the reviewer has looked at, which a decision is about. */
export interface Seen {
  /** null while it is being read. */
  readonly content: Content | null;
  /** Whether it was edited since. */
  readonly isStale: boolean;
  readonly lookedAgain: () => void;
}

/** Keeps the content as it was first shown, so that no decision is about an edit that was not seen. */
export function useSeen(current: Content | undefined): Seen {
  const [content, setContent] = useState<Content | null>(null);
  if (content === null && current !== undefined) setContent(current);
  const isStale = content !== null && current !== undefined && current.revision !== content.revision;
  return { content, isStale, lookedAgain: () => current !== undefined && setContent(current) };
}

import type { Content } from "presswork-client";
import { useState } from "react";
import type { Waiting } from "./inbox";

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

/** Returns the items with these ids, each with the content as it was when it was selected: that is what was seen. */
export function useSelected(items: readonly Waiting[], ids: readonly string[]): readonly Waiting[] {
  const [seen, setSeen] = useState<ReadonlyMap<string, Content>>(new Map());
  const selected = items.filter(({ content }) => ids.includes(content.id));
  const isNew = selected.some(({ content }) => !seen.has(content.id));
  if (isNew || [...seen.keys()].some((id) => !ids.includes(id))) {
    const kept = [...seen].filter(([id]) => ids.includes(id));
    setSeen(new Map([...selected.map(({ content }) => [content.id, content] as const), ...kept]));
  }
  return selected.map((item) => ({ ...item, content: seen.get(item.content.id) ?? item.content }));
}

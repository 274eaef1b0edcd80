import type { Content, Environment } from "presswork-client";
import { type Dispatch, useEffect, useReducer } from "react";
import { linkTexts } from "../../content/links";
import { type Action, type Draft, emptyDraft, filesOf, reduce } from "./draft";
import { completed } from "./keptDraft";

const keyOf = (environment: Environment) => `presswork-compose-${environment}`;

/** Returns the draft of this browser tab, which survives a reload, and what changes it. */
export function useDraft(environment: Environment): readonly [Draft, Dispatch<Action>] {
  const [draft, dispatch] = useReducer(reduce, environment, storedDraft);
  useEffect(() => storeDraft(environment, draft), [environment, draft]);
  return [draft, dispatch];
}

/** Stores a draft for the next time that the form is opened. */
export function storeDraft(environment: Environment, draft: Draft): void {
  sessionStorage.setItem(keyOf(environment), JSON.stringify(draft));
}

function storedDraft(environment: Environment): Draft {
  const stored = sessionStorage.getItem(keyOf(environment));
  if (stored === null) return emptyDraft(null);
  try {
    const draft = completed({ ...emptyDraft(null), ...(JSON.parse(stored) as Draft) });
    const isShown = new URLSearchParams(location.search).has("posted");
    return draft.isDone && !isShown ? emptyDraft(draft.projectId) : draft;
  } catch {
    return emptyDraft(null); // of another version of the console
  }
}

/** Returns a draft that starts from content that exists. */
export function draftFrom(content: Content): Draft {
  const link = linkTexts(content.link);
  return {
    ...emptyDraft(content.projectId),
    containerId: content.id,
    isOwn: false,
    files: filesOf(content.media),
    caption: content.caption,
    parts: (content.parts ?? []).map(({ text }) => text),
    firstComment: content.firstComment ?? "",
    labels: content.labels,
    link,
    savedLink: content.link === null ? null : link,
  };
}

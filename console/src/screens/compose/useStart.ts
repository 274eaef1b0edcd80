import { useQuery } from "@tanstack/react-query";
import type { Environment, Project, SocialAccount } from "presswork-client";
import { type Dispatch, useEffect, useRef } from "react";
import { contentQuery } from "../../posts/queries";
import { firstMode } from "./accounts";
import { type Action, type Draft, emptyDraft, newTarget } from "./draft";
import { draftOf } from "./keptDraft";
import type { ComposeSearch } from "./search";
import { draftFrom } from "./useDraft";
import { draftQuery } from "./useKeptDraft";

interface StartProps {
  readonly environment: Environment;
  readonly draft: Draft;
  readonly search: ComposeSearch;
  readonly projects: readonly Project[] | undefined;
  readonly accounts: readonly SocialAccount[] | undefined;
  readonly dispatch: Dispatch<Action>;
  /** Begins another draft in place of this one. */
  readonly replace: (next: Draft) => void;
  /** Called once the time of the address is that of the draft, which may change from then on. */
  readonly onTimed: () => void;
}

/** Fills in what is clear: the project of the address, else the first; a draft or content to start from; the time; and an only account. */
export function useStart(props: StartProps) {
  const { environment, draft, search, projects, accounts, dispatch, replace, onTimed } = props;
  const source = useQuery({
    ...contentQuery(environment, search.content ?? ""),
    enabled: search.content !== undefined && search.content !== draft.containerId,
  });
  // Content is loaded once: who empties the draft has it in the address for a moment longer.
  const loaded = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (search.content === undefined || search.content === draft.containerId) {
      loaded.current = search.content;
    } else if (source.data?.id === search.content && loaded.current !== search.content) {
      loaded.current = search.content;
      replace(draftFrom(source.data));
    }
  }, [source.data, search.content, draft.containerId, replace]);

  const kept = useQuery({
    ...draftQuery(environment, search.draft ?? ""),
    enabled: search.draft !== undefined && search.draft !== draft.kept?.id,
  });
  const opened = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (search.draft === undefined || search.draft === draft.kept?.id) {
      opened.current = search.draft;
    } else if (kept.data?.id === search.draft && opened.current !== search.draft) {
      opened.current = search.draft;
      const found = draftOf(kept.data);
      if (found !== null) replace(found);
    }
  }, [kept.data, search.draft, draft.kept, replace]);

  const isElsewhere = search.content !== undefined || search.draft !== undefined;
  const wanted = isElsewhere ? null : (search.project ?? draft.projectId ?? projects?.[0]?.id ?? null);
  useEffect(() => {
    if (wanted !== null) dispatch({ type: "project", projectId: wanted });
  }, [wanted, dispatch]);

  const zone = projects?.find(({ id }) => id === (wanted ?? draft.projectId))?.timezone;
  const { at, queue } = search;
  const timed = useRef<string | undefined>(undefined);
  useEffect(() => {
    const asked = at === undefined && queue === undefined ? undefined : `${queue} ${at}`;
    if (asked === undefined || zone === undefined || timed.current === asked) return;
    timed.current = asked;
    if (queue !== undefined) {
      const slotAt = at === undefined ? null : new Date(at.replace("Z", ":00Z")).toISOString();
      dispatch({ type: "queue", queue: { id: queue, position: "next", slotAt } });
      onTimed();
      return;
    }
    if (at === undefined) return;
    void import("./times").then(({ startingAt }) => {
      dispatch({ type: "when", laterAt: startingAt(at, zone)?.toString() ?? null });
      onTimed();
    });
  }, [at, queue, zone, dispatch, onTimed]);

  // Who leaves what was sent by a link begins the next one.
  const shown = useRef(search.posted);
  useEffect(() => {
    const isLeft = shown.current !== undefined && search.posted === undefined;
    shown.current = search.posted;
    if (isLeft && draft.isDone) dispatch({ type: "load", draft: emptyDraft(draft.projectId) });
  }, [draft.isDone, draft.projectId, search.posted, dispatch]);

  const only = accounts?.length === 1 ? accounts[0] : undefined;
  const isUntouched = !draft.hasChosen && draft.targets.length === 0;
  useEffect(() => {
    const mode = only === undefined ? null : firstMode(only);
    if (only === undefined || mode === null || !isUntouched || only.projectId !== draft.projectId) return;
    dispatch({ type: "add target", target: newTarget(only.socialAccountId, only.platform, mode), isAutomatic: true });
  }, [only, isUntouched, draft.projectId, dispatch]);
  return { error: source.error ?? kept.error, isUnknown: kept.data !== undefined && draftOf(kept.data) === null };
}

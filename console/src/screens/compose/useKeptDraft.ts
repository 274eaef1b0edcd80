import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ConflictError, type Environment, NotFoundError, type Draft as ServerDraft } from "presswork-client";
import { type Dispatch, useEffect, useRef, useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { toast, toastError } from "../../ui/toasts";
import type { Action, Draft } from "./draft";
import { bodyOf, draftOf } from "./keptDraft";

const SETTLE_MS = 1_500;

/** The draft of the form, as far as it is on the server. */
export interface KeptState {
  /** Whether the server has all that is written. */
  readonly isSaved: boolean;
  readonly isPending: boolean;
  /** What another person wrote meanwhile; null: nothing. */
  readonly theirs: ServerDraft | null;
  /** Saves it for the first time, or at once. */
  readonly save: () => void;
  /** Saves what is written here as another draft. */
  readonly saveCopy: () => void;
  /** Leaves what is written here for what the other person wrote. */
  readonly leave: () => void;
  /** Deletes it, once it was sent. */
  readonly forget: () => void;
}

/** A draft on the server. What is open is read again when an event of the stream says that someone has changed it. */
export function draftQuery(environment: Environment, draftId: string) {
  return queryOptions({
    queryKey: [environment, "drafts", draftId],
    queryFn: () => clientOf(environment).drafts.get({ draftId }),
    staleTime: 0,
    gcTime: 0,
  });
}

/** Keeps a draft on the server: when a person asks for it, and from then on by itself, a moment after each change. */
export function useKeptDraft(
  environment: Environment,
  draft: Draft,
  dispatch: Dispatch<Action>,
  /** Whether the address says what to begin with. */
  isNamed: boolean,
  onKept: (draftId: string | undefined) => void,
): KeptState {
  const queries = useQueryClient();
  const { drafts } = clientOf(environment);
  const [theirs, setTheirs] = useState<ServerDraft | null>(null);
  const written = JSON.stringify(bodyOf(draft));
  const { kept, projectId } = draft;
  /** What the server has, by the draft's id: what was read or written last. */
  const [sent, setSent] = useState<{ readonly id: string; readonly written: string } | null>(null);
  const save = useMutation({
    mutationFn: async ({ isCopy }: { readonly isCopy: boolean }) => {
      const body = bodyOf(draft);
      const saved =
        kept === null || isCopy
          ? await drafts.create({ projectId: projectId ?? "", body })
          : await drafts.update({ draftId: kept.id, revision: kept.revision, body });
      return { saved, written: JSON.stringify(body) };
    },
    onSuccess: ({ saved, written: done }) => {
      setSent({ id: saved.id, written: done });
      setTheirs(null);
      dispatch({ type: "kept", kept: { id: saved.id, revision: saved.revision } });
      void queries.invalidateQueries({ queryKey: [environment, "drafts"] });
      if (saved.id !== kept?.id) onKept(saved.id);
    },
    onError: async (error) => {
      if (error instanceof ConflictError && error.details["reason"] === "stale_revision" && kept !== null) {
        setTheirs(await drafts.get({ draftId: kept.id }));
      } else if (error instanceof NotFoundError && kept !== null) {
        dispatch({ type: "kept", kept: null });
        onKept(undefined);
        toastError("This draft was deleted. Save it again to keep what you have written.");
      } else {
        toastError(`The draft could not be saved: ${messageOf(error)}`);
      }
    },
  });

  // A draft that has just been opened is what the server has.
  const known = useRef<string | null>(null);
  useEffect(() => {
    if (kept === null) known.current = null;
    else if (known.current !== kept.id) {
      known.current = kept.id;
      setSent((before) => (before?.id === kept.id ? before : { id: kept.id, written }));
      setTheirs(null);
    }
  }, [kept, written]);

  // A draft that this tab still had is in the address, too.
  const asOpened = useRef(isNamed ? undefined : kept?.id);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the form is opened
  useEffect(() => {
    if (asOpened.current !== undefined && !draft.isDone) onKept(asOpened.current);
  }, []);

  const isSaved = kept !== null && sent?.id === kept.id && sent.written === written;
  const isDue = kept !== null && sent?.id === kept.id && !isSaved && !draft.isDone && theirs === null;
  const { mutate, isPending } = save;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change waits for the next one
  useEffect(() => {
    if (!isDue || isPending) return;
    const timer = setTimeout(() => mutate({ isCopy: false }), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [isDue, isPending, written, mutate]);

  // What another person saves is shown at once; beside what is not saved yet here, as a conflict.
  const latest = useQuery({ ...draftQuery(environment, kept?.id ?? ""), enabled: kept !== null && !draft.isDone }).data;
  useEffect(() => {
    if (kept === null || latest?.id !== kept.id || latest.revision <= kept.revision || isPending) return;
    const theirs = draftOf(latest);
    if (!isSaved || theirs === null) return setTheirs(latest);
    setSent({ id: latest.id, written: JSON.stringify(bodyOf(theirs)) });
    dispatch({ type: "load", draft: theirs });
    toast(`${latest.updatedByName ?? "A program"} has changed this draft.`);
  }, [kept, latest, isSaved, isPending, dispatch]);

  const forget = () => {
    if (kept === null) return;
    const done = () => void queries.invalidateQueries({ queryKey: [environment, "drafts"] });
    drafts.delete({ draftId: kept.id }).then(done, () => undefined); // a draft that stays is deleted by a person
  };
  return {
    isSaved,
    isPending,
    theirs,
    save: () => {
      if (!isSaved && !isPending) mutate({ isCopy: false });
    },
    saveCopy: () => mutate({ isCopy: true }),
    leave: () => setTheirs(null),
    forget,
  };
}

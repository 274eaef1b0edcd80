import { useQuery } from "@tanstack/react-query";
import type { Content, Environment } from "presswork-client";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useZones } from "../../api/projects";
import type { SignedIn } from "../../api/session";
import { obstacleOf } from "../../content/steps";
import { contentQuery } from "../../posts/queries";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { toastError } from "../../ui/toasts";
import { useShortcuts } from "../../ui/useShortcuts";
import { type Choice, DecisionBar, type Place } from "./DecisionBar";
import { Review } from "./Review";
import { type DecisionKind, useDecide } from "./useDecisions";
import { useSeen } from "./useSeen";

interface ReviewPaneProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  readonly containerId: string;
  /** The content as the inbox has it; undefined if it is not there. */
  readonly row: Content | undefined;
  readonly dueAt: string | null;
  readonly place: Place;
  readonly note: DecisionKind | undefined;
  readonly onNote: (kind: DecisionKind | undefined) => void;
  readonly onDecided: () => void;
}

/** A decision made while the content is being read. It is sent if the content is as the inbox showed it. */
interface EarlyDecision {
  readonly kind: DecisionKind;
  readonly text: string;
  readonly revision: number | undefined;
}

/** One item with the decision on it. Use the id as its key: what was seen belongs to one item. */
export function ReviewPane(props: ReviewPaneProps) {
  const { environment, session, containerId, row, dueAt, place, note, onNote, onDecided } = props;
  const zoneOf = useZones(environment);
  const query = useQuery({
    ...contentQuery(environment, containerId),
    staleTime: 0,
    ...(row && { placeholderData: row }),
  });
  const content = query.data;
  const seen = useSeen(query.isPlaceholderData ? undefined : content);
  const decide = useDecide(environment);
  const [draft, setDraft] = useState("");
  const [early, setEarly] = useState<EarlyDecision | null>(null);
  const pane = useRef<HTMLElement>(null);
  useEffect(() => {
    // After a decision, the button that had the focus is gone.
    if (document.activeElement === document.body) pane.current?.focus({ preventScroll: true });
  }, []);
  const mayDecide = session.scopes.includes("content:approve");
  const obstacle = content === undefined ? null : obstacleOf(content, session);
  const isWaiting = mayDecide && content?.approvalStatus === "pending" && content.status === "completed";
  const isOpen = isWaiting && obstacle === null;
  const state: Choice["state"] = !isOpen ? "closed" : seen.isStale ? "changed" : "open";
  const onDecide = (kind: DecisionKind, text: string) => {
    if (state !== "open" || decide.isPending) return;
    if (seen.content === null) {
      setEarly({ kind, text, revision: content?.revision });
      return;
    }
    const onSuccess = () => {
      setDraft("");
      onDecided();
    };
    const isDue = dueAt !== null && Date.parse(dueAt) <= Date.now();
    decide.mutate({ kind, content: seen.content, note: text, isDue }, { onSuccess });
  };
  useEffect(() => {
    if (early === null || (seen.content === null && !query.isError)) return;
    setEarly(null);
    if (seen.content === null) return; // it can't be read, which the pane says
    if (seen.content.revision === early.revision) onDecide(early.kind, early.text);
    else toastError("Not sent: the content was changed while you looked. Look again, then decide.");
  });
  const asked = useRef(note);
  useLayoutEffect(() => {
    asked.current = note;
  }, [note]);
  /** A key that is held down, which repeats, does it once: the next item is another decision. */
  const open = (run: () => void) => (event: KeyboardEvent) => {
    if (!event.repeat && state === "open" && asked.current === undefined) run();
  };
  /** Until the field for the note is there, the letters that follow are no keys: they are its beginning. */
  const write = (kind: DecisionKind) => {
    asked.current = kind;
    onNote(kind);
  };
  const close = () => {
    asked.current = undefined;
    if (note === undefined) place.onBack();
    else onNote(undefined);
  };
  useShortcuts({
    a: open(() => onDecide("approve", "")),
    n: open(() => write("approve")),
    r: open(() => write("reject")),
    c: open(() => write("changes")),
    ...(state === "changed" && { Enter: seen.lookedAgain }),
    Escape: close,
  });
  const choice = {
    state,
    note,
    draft,
    onDraft: setDraft,
    obstacle: isWaiting ? obstacle : null,
    isPending: decide.isPending || early !== null,
    error: decide.error,
    onDecide,
    onNote,
  } as const;
  return (
    <article ref={pane} className="panel review-pane" aria-label="Review" tabIndex={-1}>
      {query.isPending && <SkeletonRows rows={6} />}
      {query.isError && <ErrorNotice error={query.error} />}
      {content !== undefined && (
        <Review
          environment={environment}
          session={session}
          content={content}
          seen={seen}
          dueAt={dueAt}
          zone={zoneOf(content.projectId)}
        />
      )}
      <DecisionBar place={place} choice={{ ...choice, onLookedAgain: seen.lookedAgain }} />
    </article>
  );
}

import { ArrowLeft, Check, ChevronLeft, ChevronRight, MessageSquareText, X } from "lucide-react";
import { Button } from "../../ui/Button";
import { NoteForm } from "./NoteForm";
import type { DecisionKind } from "./useDecisions";

/** Where the item is in the inbox. */
export interface Place {
  /** "2 of 7"; null for an item that is not in the inbox. */
  readonly position: string | null;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
  readonly onBack: () => void;
}

/** The decision on the item: why there is none, or what to do. */
export interface Choice {
  /** What is decided, if it can be; "changed": after another look. */
  readonly state: "open" | "changed" | "closed";
  /** Why this person does not decide what others do; null: nothing is in the way. */
  readonly obstacle: string | null;
  /** The decision whose note is being written. */
  readonly note: DecisionKind | undefined;
  /** The note so far. It survives another look. */
  readonly draft: string;
  readonly onDraft: (note: string) => void;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onDecide: (kind: DecisionKind, note: string) => void;
  readonly onNote: (kind: DecisionKind | undefined) => void;
  readonly onLookedAgain: () => void;
}

/** What a thumb needs, at the bottom of the screen: the decision, and the way to the next item. */
export function DecisionBar({ place, choice }: { readonly place: Place; readonly choice: Choice }) {
  const { state, obstacle, note, draft, onDraft, isPending, error, onDecide, onNote, onLookedAgain } = choice;
  return (
    <footer className="decision-bar">
      <div className="place">
        <Button kind="quiet" onPress={place.onBack}>
          <ArrowLeft aria-hidden /> Inbox
        </Button>
        <span className="place-steps">
          <Button
            kind="quiet"
            isIcon
            aria-label="Previous item"
            isDisabled={!place.onPrevious}
            onPress={() => place.onPrevious?.()}
          >
            <ChevronLeft aria-hidden />
          </Button>
          <span className="small soft">{place.position}</span>
          <Button
            kind="quiet"
            isIcon
            aria-label="Next item"
            isDisabled={!place.onNext}
            onPress={() => place.onNext?.()}
          >
            <ChevronRight aria-hidden />
          </Button>
        </span>
      </div>
      {obstacle !== null && (
        <p className="soft decision-obstacle" role="status">
          {obstacle}
        </p>
      )}
      {state === "changed" && (
        <Button kind="primary" onPress={onLookedAgain}>
          I have looked again
        </Button>
      )}
      {state === "open" && note === undefined && (
        <div className="decisions">
          <Button kind="danger" isDisabled={isPending} onPress={() => onNote("reject")}>
            <X aria-hidden /> Reject <Key name="R" />
          </Button>
          <Button isDisabled={isPending} onPress={() => onNote("changes")}>
            <MessageSquareText aria-hidden />
            <span>
              <span className="visually-hidden">Request </span>
              <span className="capital">changes</span>
            </span>
            <Key name="C" />
          </Button>
          <Button kind="primary" isPending={isPending} onPress={() => onDecide("approve", "")}>
            <Check aria-hidden /> Approve <Key name="A" />
          </Button>
        </div>
      )}
      {state === "open" && note !== undefined && (
        <NoteForm
          key={note}
          kind={note}
          note={draft}
          onChange={onDraft}
          isPending={isPending}
          error={error}
          onDecide={(text) => onDecide(note, text)}
          onClose={() => onNote(undefined)}
        />
      )}
    </footer>
  );
}

/** The key that does the same, where there is a keyboard. */
function Key({ name }: { readonly name: string }) {
  return (
    <kbd className="only-wide" aria-hidden>
      {name}
    </kbd>
  );
}

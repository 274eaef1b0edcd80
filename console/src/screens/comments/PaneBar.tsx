import { ArrowLeft, ChevronLeft, ChevronRight } from "lucide-react";
import { Button } from "../../ui/Button";

/** Where the comment is in the list. */
export interface Place {
  /** "2 of 7"; null for a comment that is not in the list. */
  readonly position: string | null;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
  readonly onBack: () => void;
}

/** The way to the next comment, and back to the list. */
export function PaneBar({ place }: { readonly place: Place }) {
  return (
    <footer className="pane-bar">
      <Button kind="quiet" onPress={place.onBack}>
        <ArrowLeft aria-hidden /> Comments
      </Button>
      <span className="pane-steps">
        <Button
          kind="quiet"
          isIcon
          aria-label="Previous comment"
          isDisabled={!place.onPrevious}
          onPress={() => place.onPrevious?.()}
        >
          <ChevronLeft aria-hidden />
        </Button>
        <span className="small soft">{place.position}</span>
        <Button
          kind="quiet"
          isIcon
          aria-label="Next comment"
          isDisabled={!place.onNext}
          onPress={() => place.onNext?.()}
        >
          <ChevronRight aria-hidden />
        </Button>
      </span>
    </footer>
  );
}

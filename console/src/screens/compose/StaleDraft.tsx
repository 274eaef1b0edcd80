import type { Draft as ServerDraft } from "presswork-client";
import { lazy, Suspense } from "react";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Time } from "../../ui/Time";
import type { Draft } from "./draft";
import { draftOf, textOf } from "./keptDraft";

const TextCompare = lazy(() => import("./TextCompare"));

interface StaleDraftProps {
  readonly mine: Draft;
  readonly theirs: ServerDraft;
  readonly zone: string;
  readonly isPending: boolean;
  readonly onTheirs: () => void;
  readonly onCopy: () => void;
}

/** Another person, or this one elsewhere, has changed the same draft: both versions are shown, and neither is lost. */
export function StaleDraft({ mine, theirs, zone, isPending, onTheirs, onCopy }: StaleDraftProps) {
  const who = theirs.updatedByName ?? "A program";
  const other = draftOf(theirs);
  return (
    <Notice
      tone="warn"
      title={`${who} has changed this draft meanwhile.`}
      actions={
        <>
          <Button onPress={onTheirs}>Open that version</Button>
          <Button isPending={isPending} onPress={onCopy}>
            Save mine as a copy
          </Button>
        </>
      }
    >
      It was changed <Time at={theirs.updatedAt} zone={zone} isRelative />. What you have written is only here until you
      save it as a copy.
      {other !== null && textOf(other) !== textOf(mine) && (
        <Suspense>
          <TextCompare mine={textOf(mine)} theirs={textOf(other)} name={who} />
        </Suspense>
      )}
    </Notice>
  );
}

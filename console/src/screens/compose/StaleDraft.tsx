import type { Draft as ServerDraft } from "presswork-client";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Time } from "../../ui/Time";

interface StaleDraftProps {
  readonly theirs: ServerDraft;
  readonly zone: string;
  readonly isPending: boolean;
  readonly onTheirs: () => void;
  readonly onCopy: () => void;
}

/** Another person, or this one elsewhere, has changed the same draft: neither version is lost. */
export function StaleDraft({ theirs, zone, isPending, onTheirs, onCopy }: StaleDraftProps) {
  return (
    <Notice
      tone="warn"
      title={`${theirs.updatedByName ?? "A program"} has changed this draft meanwhile.`}
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
    </Notice>
  );
}

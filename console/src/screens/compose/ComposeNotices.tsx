import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import type { Draft } from "./draft";
import { draftOf } from "./keptDraft";
import { StaleDraft } from "./StaleDraft";
import type { KeptState } from "./useKeptDraft";

interface ComposeNoticesProps {
  readonly draft: Draft;
  readonly kept: KeptState;
  readonly zone: string;
  /** Why a login failed from which a person comes back. */
  readonly loginError: string | undefined;
  readonly startError: Error | null;
  /** Whether another program has made the draft of the address. */
  readonly isUnknown: boolean;
  /** Begins another draft in place of this one. */
  readonly replace: (next: Draft) => void;
}

/** What a person has to know about the draft before they write on. */
export function ComposeNotices({ draft, kept, zone, loginError, startError, isUnknown, replace }: ComposeNoticesProps) {
  return (
    <>
      {loginError !== undefined && (
        <Notice tone="bad" title="The account was not connected">
          The login ended with {loginError}. Try again.
        </Notice>
      )}
      {startError !== null && <ErrorNotice error={startError} />}
      {isUnknown && <Notice tone="warn">Another program has made this draft: it can't be opened here.</Notice>}
      {kept.theirs !== null && (
        <StaleDraft
          mine={draft}
          theirs={kept.theirs}
          zone={zone}
          isPending={kept.isPending}
          onTheirs={() => {
            const theirs = kept.theirs === null ? null : draftOf(kept.theirs);
            kept.leave();
            if (theirs !== null) replace(theirs);
          }}
          onCopy={kept.saveCopy}
        />
      )}
    </>
  );
}

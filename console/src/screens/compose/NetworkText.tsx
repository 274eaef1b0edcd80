import { Undo2 } from "lucide-react";
import type { Environment, MediaType } from "presswork-client";
import type { ReactNode } from "react";
import { MAX_CHARACTERS } from "../../api/maxima";
import { SnippetField } from "../../snippets/SnippetField";
import { Button } from "../../ui/Button";
import { CaptionCounters } from "./Counters";
import { hasNoTexts, isThread } from "./call";
import { type Draft, joined, type TargetChange, type TargetDraft } from "./draft";
import type { TargetPart } from "./findings";

interface NetworkTextProps {
  readonly environment: Environment;
  readonly draft: Draft;
  /** The account, or that whose values the tab of its network shows. */
  readonly target: TargetDraft;
  /** What it is the text for: "Instagram", or an account. */
  readonly name: string;
  readonly mediaType: MediaType | null;
  readonly found: (part: TargetPart) => ReactNode;
  readonly change: (part: TargetChange) => void;
}

/** The text for one network: that for everyone, until it is changed here. */
export function NetworkText({ environment, draft, target, name, mediaType, found, change }: NetworkTextProps) {
  if (hasNoTexts(target, mediaType)) return <p className="soft small">A story has no text and no first comment.</p>;
  if (isThread(draft)) {
    return (
      <div className="writing">
        <p className="network-parts">{joined(draft.parts)}</p>
        <p className="soft small">The parts of a thread are the same for everyone.</p>
      </div>
    );
  }
  const isOwn = target.caption !== null;
  const text = target.caption ?? draft.caption;
  return (
    <div className="writing">
      <SnippetField
        {...{ environment, projectId: draft.projectId }}
        label={`Text for ${name}`}
        rows={3}
        value={text}
        onChange={(caption) => change({ caption })}
        description={
          <CaptionCounters
            text={text}
            targets={[target]}
            mediaType={mediaType}
            {...(isOwn && { ofAPI: MAX_CHARACTERS.captionOverride })}
          />
        }
      />
      {isOwn ? (
        <Button kind="quiet" onPress={() => change({ caption: null })}>
          <Undo2 aria-hidden /> Use the text for everyone
        </Button>
      ) : (
        <p className="soft small">The same as everyone, until you change it here.</p>
      )}
      {found("caption")}
    </div>
  );
}

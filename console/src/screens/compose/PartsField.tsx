import { ListPlus, Rows2, Trash2 } from "lucide-react";
import type { Dispatch } from "react";
import { MAX_PARTS } from "../../api/maxima";
import { ContentParts } from "../../content/ContentParts";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/TextField";
import { CaptionCounters } from "./Counters";
import { canThread } from "./call";
import { type Action, type Draft, joined, kindOf } from "./draft";
import { Findings } from "./Findings";
import type { Finding } from "./findings";
import "../../content/content.css";
import "./parts.css";

interface PartsFieldProps {
  readonly draft: Draft;
  readonly findings: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
}

/** The numbered parts of a thread of posts, each counted as the chosen platforms count. */
export default function PartsField({ draft, findings, nameOf, dispatch }: PartsFieldProps) {
  const { parts, isOwn } = draft;
  const threading = draft.targets.filter(canThread);
  const joining = draft.targets.filter((target) => !canThread(target) && target.joinsParts);
  const set = (next: readonly string[]) => dispatch({ type: "parts", parts: next });
  if (!isOwn) {
    return <ContentParts parts={parts.map((text) => ({ text, media: [] }))} />;
  }
  return (
    <div className="parts-field">
      <ol className="parts" aria-label="Parts of the thread">
        {parts.map((text, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
          <li key={place}>
            <TextField
              label={`Part ${place + 1} of ${parts.length}`}
              rows={3}
              value={text}
              onChange={(value) => set(parts.with(place, value))}
              description={<CaptionCounters text={text} targets={threading} mediaType={kindOf(draft)} />}
            />
            {parts.length > 2 && (
              <Button
                kind="quiet"
                aria-label={`Remove part ${place + 1}`}
                onPress={() => set(parts.filter((_, other) => other !== place))}
              >
                <Trash2 aria-hidden /> Remove
              </Button>
            )}
          </li>
        ))}
      </ol>
      {joining.length > 0 && (
        <p className="description small">
          Joined to one post: <CaptionCounters text={joined(parts)} targets={joining} mediaType={kindOf(draft)} />
        </p>
      )}
      <Findings findings={findings} field="parts" nameOf={nameOf} />
      <div className="parts-buttons">
        {parts.length < MAX_PARTS && (
          <Button onPress={() => set([...parts, ""])}>
            <ListPlus aria-hidden /> Add a part
          </Button>
        )}
        <Button
          kind="quiet"
          onPress={() => {
            dispatch({ type: "text", caption: joined(parts) });
            set([]);
          }}
        >
          <Rows2 aria-hidden /> Make it one post
        </Button>
      </div>
    </div>
  );
}

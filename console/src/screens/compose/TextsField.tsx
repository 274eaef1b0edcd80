import type { Dispatch } from "react";
import { TextField } from "../../ui/TextField";
import { CaptionCounters, CommentCounter } from "./Counters";
import type { Action, Draft } from "./draft";
import { mediaTypeOf } from "./draft";
import { Findings } from "./Findings";
import type { Finding } from "./findings";

interface TextsFieldProps {
  readonly draft: Draft;
  readonly findings: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
}

/** Caption and first comment, which all accounts get that have no own. */
export function TextsField({ draft, findings, nameOf, dispatch }: TextsFieldProps) {
  const sharing = draft.targets.filter(({ caption }) => caption === null);
  const hasComment = draft.targets.length === 0 || draft.targets.some(({ platform }) => platform === "instagram");
  return (
    <>
      <div>
        <TextField
          label="Caption"
          rows={5}
          value={draft.caption}
          onChange={(caption) => dispatch({ type: "text", caption })}
          description={<CaptionCounters text={draft.caption} targets={sharing} mediaType={mediaTypeOf(draft.files)} />}
        />
        <Findings findings={findings} field="caption" nameOf={nameOf} />
      </div>
      {(hasComment || draft.firstComment !== "") && (
        <div>
          <TextField
            label="First comment"
            rows={2}
            value={draft.firstComment}
            onChange={(firstComment) => dispatch({ type: "text", firstComment })}
            description={
              draft.firstComment === "" ? (
                "Written below the post on Instagram once it is live."
              ) : (
                <CommentCounter text={draft.firstComment} />
              )
            }
          />
          <Findings findings={findings} field="firstComment" nameOf={nameOf} />
        </div>
      )}
    </>
  );
}

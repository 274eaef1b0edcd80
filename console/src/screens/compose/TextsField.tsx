import type { Dispatch } from "react";
import { hasComments } from "../../platforms/descriptions";
import { platformName } from "../../platforms/platforms";
import { TextField } from "../../ui/TextField";
import { CaptionCounters, CommentCounters } from "./Counters";
import type { Action, Draft } from "./draft";
import { mediaTypeOf } from "./draft";
import { Findings } from "./Findings";
import type { Finding } from "./findings";

const LIST = new Intl.ListFormat("en", { type: "conjunction" });

interface TextsFieldProps {
  readonly draft: Draft;
  readonly findings: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
}

/** Caption and first comment, which all accounts get that have no own. */
export function TextsField({ draft, findings, nameOf, dispatch }: TextsFieldProps) {
  const sharing = draft.targets.filter(({ caption }) => caption === null);
  const commenting = [...new Set(draft.targets.map(({ platform }) => platform))].filter(hasComments);
  const hasComment = draft.targets.length === 0 || commenting.length > 0;
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
                `Written below the post${commenting.length === 0 ? "" : ` on ${LIST.format(commenting.map(platformName))}`} once it is live.`
              ) : (
                <CommentCounters
                  text={draft.firstComment}
                  platforms={draft.targets.length === 0 ? ["instagram"] : commenting}
                />
              )
            }
          />
          <Findings findings={findings} field="firstComment" nameOf={nameOf} />
        </div>
      )}
    </>
  );
}

import { Rows4 } from "lucide-react";
import type { Dispatch, ReactNode } from "react";
import { hasComments } from "../../platforms/descriptions";
import { platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/TextField";
import { CaptionCounters, CommentCounters } from "./Counters";
import { canThread, isThread } from "./call";
import type { Action, Draft } from "./draft";
import { kindOf } from "./draft";
import { Findings } from "./Findings";
import { type Finding, refusalOf } from "./findings";
import { PartsField } from "./PartsField";

const LIST = new Intl.ListFormat("en", { type: "conjunction" });

interface TextsFieldProps {
  readonly draft: Draft;
  readonly findings: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
  /** The link, between the text and its first comment. */
  readonly children: ReactNode;
}

/** Text and first comment, which all accounts get that have no own. */
export function TextsField({ draft, findings, nameOf, dispatch, children }: TextsFieldProps) {
  const sharing = draft.targets.filter(
    (one) =>
      one.caption === null && refusalOf(draft, one.socialAccountId) === null && !(one.split !== "no" && canThread(one)),
  );
  const commenting = [...new Set(draft.targets.map(({ platform }) => platform))].filter(hasComments);
  const hasComment = draft.targets.length === 0 || commenting.length > 0;
  const comment = (hasComment || draft.firstComment !== "") && (
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
  );
  if (isThread(draft)) {
    return (
      <>
        <PartsField {...{ draft, findings, nameOf, dispatch }} />
        {comment}
      </>
    );
  }
  return (
    <>
      <div>
        <TextField
          label="Text"
          rows={5}
          value={draft.caption}
          onChange={(caption) => dispatch({ type: "text", caption })}
          description={<CaptionCounters text={draft.caption} targets={sharing} mediaType={kindOf(draft)} />}
        />
        <Findings findings={findings} field="caption" nameOf={nameOf} />
      </div>
      {draft.isOwn && draft.files.length === 0 && draft.link.url.trim() === "" && (
        <Button kind="quiet" onPress={() => dispatch({ type: "parts", parts: [draft.caption, ""] })}>
          <Rows4 aria-hidden /> Write a thread
        </Button>
      )}
      {children}
      {comment}
    </>
  );
}

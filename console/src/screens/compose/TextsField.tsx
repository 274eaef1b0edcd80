import { Rows4 } from "lucide-react";
import type { Environment } from "presswork-client";
import { type Dispatch, lazy, Suspense } from "react";
import { hasComments } from "../../platforms/descriptions";
import { platformName } from "../../platforms/platforms";
import { SnippetField } from "../../snippets/SnippetField";
import { Button } from "../../ui/Button";
import { Fold } from "../../ui/Fold";
import { CaptionCounters, CommentCounters } from "./Counters";
import { canThread, isThread } from "./call";
import type { Action, Draft } from "./draft";
import { kindOf } from "./draft";
import { Findings } from "./Findings";
import { type Finding, refusalOf } from "./findings";
import { networksOf } from "./networks";

const LIST = new Intl.ListFormat("en", { type: "conjunction" });

const PartsField = lazy(() => import("./PartsField"));

interface TextsFieldProps {
  readonly environment: Environment;
  readonly draft: Draft;
  readonly findings: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
}

/** The text that all accounts get that have no own, or the parts of a thread. */
export function TextsField({ environment, draft, findings, nameOf, dispatch }: TextsFieldProps) {
  const sharing = draft.targets.filter(
    (one) =>
      one.caption === null && refusalOf(draft, one.socialAccountId) === null && !(one.split !== "no" && canThread(one)),
  );
  if (isThread(draft)) {
    return (
      <Suspense>
        <PartsField {...{ draft, findings, nameOf, dispatch }} />
      </Suspense>
    );
  }
  return (
    <div className="writing">
      <SnippetField
        {...{ environment, projectId: draft.projectId }}
        label="Text"
        rows={3}
        placeholder="What do you want to say?"
        value={draft.caption}
        onChange={(caption) => dispatch({ type: "text", caption })}
        description={<CaptionCounters text={draft.caption} targets={sharing} mediaType={kindOf(draft)} isBrief />}
      >
        {draft.isOwn && draft.files.length === 0 && draft.link.url.trim() === "" && (
          <Button kind="quiet" onPress={() => dispatch({ type: "parts", parts: [draft.caption, ""] })}>
            <Rows4 aria-hidden /> Write a thread
          </Button>
        )}
      </SnippetField>
      <Findings findings={findings} field="caption" nameOf={nameOf} />
    </div>
  );
}

/** The first comment that all accounts get that have no own, where there are comments. */
export function CommentField({ environment, draft, findings, nameOf, dispatch }: TextsFieldProps) {
  const { firstComment, targets } = draft;
  const commenting = networksOf(draft).filter(hasComments);
  if (targets.length > 0 && commenting.length === 0 && firstComment === "") return null;
  const where = commenting.length === 0 ? "" : ` on ${LIST.format(commenting.map(platformName))}`;
  return (
    <div>
      <Fold title="First comment" isOpen={firstComment !== ""}>
        <SnippetField
          {...{ environment, projectId: draft.projectId }}
          label="First comment"
          rows={2}
          value={firstComment}
          onChange={(text) => dispatch({ type: "text", firstComment: text })}
          description={
            firstComment === "" ? (
              `Written below the post${where} once it is live.`
            ) : (
              <CommentCounters text={firstComment} platforms={targets.length === 0 ? ["instagram"] : commenting} />
            )
          }
        />
      </Fold>
      <Findings findings={findings} field="firstComment" nameOf={nameOf} />
    </div>
  );
}

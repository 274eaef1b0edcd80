import { CircleCheck, CircleX } from "lucide-react";
import type { Environment, ScheduledPost } from "presswork-client";
import { Label, ProgressBar } from "react-aria-components";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { countOf } from "./actions";
import { PostName } from "./PostName";
import { TakeDownOutcome } from "./TakeDownOutcome";

/** So many posts are named: of those that no list has, each is read. */
const NAMED = 50;

/** What became of a post; `error` is what a person reads. */
export interface Outcome {
  readonly postId: string;
  /** Where it is known already. */
  readonly post?: ScheduledPost | undefined;
  readonly error: string | null;
}

interface ResultsProps {
  readonly environment: Environment;
  /** "moved", "moved back". */
  readonly done: string;
  readonly total: number;
  readonly settled: number;
  readonly failed: number;
  /** Those that failed first. */
  readonly outcomes: readonly Outcome[];
  readonly hasEnded: boolean;
  /** Whether what was started continues: each post is followed to its end. */
  readonly isTakeDown?: boolean;
  /** What a person must know before the end. */
  readonly meanwhile: string;
  readonly hide: string;
  /** Takes it back, where that is possible. */
  readonly undo?: { readonly count: number; readonly run: () => void } | undefined;
  readonly onClose: () => void;
}

/** How far an action is, and what became of each post. */
export function Results(props: ResultsProps) {
  const { environment, done, total, settled, failed, outcomes, hasEnded, isTakeDown = false, undo, onClose } = props;
  const more = settled - Math.min(outcomes.length, NAMED);
  return (
    <Dialog
      isOpen
      isAlert
      onClose={onClose}
      title={
        hasEnded
          ? isTakeDown
            ? `Taking ${countOf({ length: total - failed })} down`
            : `${countOf({ length: total - failed })} ${done}`
          : `${settled.toLocaleString("en")} of ${countOf({ length: total })}`
      }
      actions={
        <>
          {undo !== undefined && <Button onPress={undo.run}>Undo: move {countOf({ length: undo.count })} back</Button>}
          <Button kind="primary" onPress={onClose}>
            {hasEnded ? "Done" : props.hide}
          </Button>
        </>
      }
    >
      <ProgressBar className="progress" value={settled} maxValue={total}>
        {({ percentage = 0 }) => (
          <>
            <Label className="visually-hidden">Progress</Label>
            <span className="progress-fill" style={{ width: `${percentage}%` }} />
          </>
        )}
      </ProgressBar>
      {!hasEnded && <p className="soft">{props.meanwhile}</p>}
      {hasEnded && failed > 0 && (
        <p>
          {countOf({ length: failed })} failed and {failed === 1 ? "stays" : "stay"} selected.
        </p>
      )}
      <ul className="results" aria-label="Results">
        {outcomes
          .slice(0, NAMED)
          .map((outcome) =>
            isTakeDown && outcome.error === null ? (
              <TakeDownOutcome key={outcome.postId} environment={environment} {...outcome} />
            ) : (
              <Result key={outcome.postId} environment={environment} outcome={outcome} done={done} />
            ),
          )}
      </ul>
      {more > 0 && <p className="soft">and {countOf({ length: more })} more</p>}
    </Dialog>
  );
}

interface ResultProps {
  readonly environment: Environment;
  readonly outcome: Outcome;
  readonly done: string;
}

function Result({ environment, outcome: { postId, post, error }, done }: ResultProps) {
  return (
    <li className={error === null ? "result good" : "result bad"}>
      {error === null ? <CircleCheck aria-hidden /> : <CircleX aria-hidden />}
      <span>
        <PostName environment={environment} postId={postId} post={post} />:{" "}
        {error === null ? <span className="soft">{done}</span> : <span className="result-error">{error}</span>}
      </span>
    </li>
  );
}

import { CircleCheck, CircleX } from "lucide-react";
import type { Environment } from "presswork-client";
import { Label, ProgressBar } from "react-aria-components";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { countOf } from "./actions";
import { PostName } from "./PostName";
import { isOver, type Outcome, type Run, undosOf } from "./useRun";

interface ResultsProps {
  readonly environment: Environment;
  readonly run: Run;
  readonly onUndo: () => void;
  readonly onClose: () => void;
}

/** How far a run is, and what became of each post; those that failed come first. */
export function Results({ environment, run, onUndo, onClose }: ResultsProps) {
  const failed = run.outcomes.filter(({ error }) => error !== null);
  const succeeded = run.outcomes.filter(({ error }) => error === null);
  const hasEnded = isOver(run);
  const back = hasEnded ? undosOf(run) : [];
  return (
    <Dialog
      isOpen
      isAlert
      onClose={onClose}
      title={
        hasEnded ? `${countOf(succeeded)} ${run.done}` : `${run.outcomes.length} of ${countOf({ length: run.total })}`
      }
      actions={
        <>
          {back.length > 0 && <Button onPress={onUndo}>Undo: move {countOf(back)} back</Button>}
          <Button kind="primary" onPress={onClose}>
            {hasEnded ? "Done" : "Hide, and continue in this tab"}
          </Button>
        </>
      }
    >
      <ProgressBar className="progress" value={run.outcomes.length} maxValue={run.total}>
        {({ percentage = 0 }) => (
          <>
            <Label className="visually-hidden">Progress</Label>
            <span className="progress-fill" style={{ width: `${percentage}%` }} />
          </>
        )}
      </ProgressBar>
      {!hasEnded && <p className="soft">Keep this tab open until the run ends.</p>}
      {hasEnded && failed.length > 0 && (
        <p>
          {countOf(failed)} failed and {failed.length === 1 ? "stays" : "stay"} selected.
        </p>
      )}
      <ul className="results" aria-label="Results">
        {[...failed, ...succeeded].map((outcome) => (
          <Result key={outcome.job.post.id} environment={environment} outcome={outcome} done={run.done} />
        ))}
      </ul>
    </Dialog>
  );
}

interface ResultProps {
  readonly environment: Environment;
  readonly outcome: Outcome;
  readonly done: string;
}

function Result({ environment, outcome, done }: ResultProps) {
  return (
    <li className={outcome.error === null ? "result good" : "result bad"}>
      {outcome.error === null ? <CircleCheck aria-hidden /> : <CircleX aria-hidden />}
      <span>
        <PostName environment={environment} post={outcome.job.post} />:{" "}
        {outcome.error === null ? (
          <span className="soft">{done}</span>
        ) : (
          <span className="result-error">{outcome.error}</span>
        )}
      </span>
    </li>
  );
}

import type { Progress } from "presswork-client";
import { Label, ProgressBar } from "react-aria-components";

interface JobProgressProps {
  readonly label: string;
  readonly progress: Progress;
}

/** How far a job is: a bar, and the numbers. */
export function JobProgress({ label, progress: { done, total } }: JobProgressProps) {
  return (
    <div className="job-progress">
      <ProgressBar className="progress" value={done} maxValue={total ?? 1} isIndeterminate={total === null}>
        {({ percentage = 0 }) => (
          <>
            <Label className="visually-hidden">{label}</Label>
            <span className="progress-fill" style={{ width: `${percentage}%` }} />
          </>
        )}
      </ProgressBar>
      <span className="soft small">
        {total === null ? "Waiting for a worker" : `${done.toLocaleString("en")} of ${total.toLocaleString("en")}`}
      </span>
    </div>
  );
}

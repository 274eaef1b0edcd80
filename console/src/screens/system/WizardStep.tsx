import type { ReactNode } from "react";
import { FixText } from "./FixText";
import { StatusIcon } from "./StatusIcon";
import { type StepResult, worstOf } from "./setup";

interface WizardStepProps {
  readonly number: number;
  readonly title: string;
  /** What the checks found; without any, the step can't be checked from here. */
  readonly results: readonly StepResult[];
  readonly children: ReactNode;
}

/** One step: what to do, and what was found. */
export function WizardStep({ number, title, results, children }: WizardStepProps) {
  const worst = worstOf(results);
  const id = `step-${number}`;
  return (
    <li className="panel wizard-step" aria-labelledby={id}>
      <header>
        <span className="wizard-number" aria-hidden>
          {number}
        </span>
        <h2 id={id}>{title}</h2>
        {worst !== null && <StatusIcon status={worst} />}
      </header>
      <div className="wizard-body">
        {children}
        {results.length > 0 && (
          <ul className="results" aria-label={`Checks of step ${number}`}>
            {results.map(({ status, message, fix }) => (
              <li key={message} className="finding">
                <StatusIcon status={status} />
                <div>
                  <p>{message}</p>
                  {fix !== null && <FixText fix={fix} />}
                </div>
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}

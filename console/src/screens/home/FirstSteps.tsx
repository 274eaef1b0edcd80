import { Link } from "@tanstack/react-router";
import { Circle, CircleCheck } from "lucide-react";
import type { Environment } from "presswork-client";
import { pathOf } from "./pathOf";
import type { Step } from "./useFirstSteps";

interface FirstStepsProps {
  readonly environment: Environment;
  readonly steps: readonly Step[];
}

/** What to do on a fresh installation. Each step is ticked off by what exists, not by a click. */
export function FirstSteps({ environment, steps }: FirstStepsProps) {
  const next = steps.find((step) => !step.isDone);
  const done = steps.filter((step) => step.isDone).length;
  return (
    <section className="panel first-steps" aria-labelledby="first-steps">
      <header>
        <h2 id="first-steps">First steps</h2>
        <span className="soft small">
          {done} of {steps.length} done
        </span>
      </header>
      <ol>
        {steps.map((step) => (
          <li key={step.id} className={step.isDone ? "done" : ""}>
            {step.isDone ? <CircleCheck role="img" aria-label="Done:" /> : <Circle role="img" aria-label="To do:" />}
            <span className="two-lines">
              <strong>{step.title}</strong>
              <span className="soft small">{step.text}</span>
            </span>
            {!step.isDone && (
              <Link
                className={step === next ? "button primary" : "button plain"}
                to={pathOf(environment, ...step.place)}
                search={step.search ?? {}}
              >
                {step.action}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

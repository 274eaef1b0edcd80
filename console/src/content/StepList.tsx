import { Check, CircleDashed, CircleDot } from "lucide-react";
import type { ContentStep } from "presswork-client";
import type { SignedIn } from "../api/session";
import { Time } from "../ui/Time";
import "./step-list.css";

const SIGNS = { done: Check, current: CircleDot, waiting: CircleDashed } as const;

interface StepListProps {
  readonly session: SignedIn;
  readonly steps: readonly ContentStep[];
}

/** How far content is on its way through the steps of approval, and who has approved. */
export default function StepList({ session, steps }: StepListProps) {
  return (
    <ol className="step-list" aria-label="Steps of approval">
      {steps.map((step) => {
        const Sign = SIGNS[step.status];
        return (
          <li key={step.name} className={step.status} aria-current={step.status === "current" ? "step" : undefined}>
            <Sign aria-hidden />
            <div>
              <p>
                <strong>{step.name}</strong> <span className="soft small">{progressText(step)}</span>
              </p>
              {step.approvals.map(({ by, name, at }) => (
                <p key={by} className="soft small">
                  {by === session.user.id ? "You" : (name ?? "A program")}, <Time at={at} isRelative />
                </p>
              ))}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function progressText({ status, quorum, approvals }: ContentStep): string {
  if (status === "done") return "approved";
  const count = quorum === 1 ? "" : `, ${approvals.length} of ${quorum} approved`;
  return status === "current" ? `waits now${count}` : `later${quorum === 1 ? "" : `, needs ${quorum}`}`;
}

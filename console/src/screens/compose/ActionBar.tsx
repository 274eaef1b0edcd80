import { CircleAlert, CircleCheck, LoaderCircle, TriangleAlert } from "lucide-react";
import { useRef } from "react";
import { Button } from "../../ui/Button";
import "./action-bar.css";
import type { Draft } from "./draft";
import { Findings } from "./Findings";
import type { Finding } from "./findings";
import { type Intention, LABELS, sentenceOf } from "./intention";
import type { TextContent } from "./useTextContent";

interface ActionBarProps {
  readonly draft: Draft;
  readonly zone: string;
  readonly intention: Intention;
  readonly findings: readonly Finding[];
  /** Whether the call would be refused, or its posts would fail. */
  readonly isBlocked: boolean;
  /** Why the button can't be pressed yet; null: it can. */
  readonly waitsFor: string | null;
  readonly isChecking: boolean;
  readonly isPending: boolean;
  readonly nameOf: (socialAccountId: string) => string;
  readonly onSubmit: () => void;
  readonly onCode: (() => void) | null;
  /** Saves a text, which can be checked only then; null: it is checked as it is written. */
  readonly check: TextContent | null;
}

/** What the button will do, what speaks against it, and the button; always in sight. */
export function ActionBar(props: ActionBarProps) {
  const { draft, zone, intention, findings, waitsFor, isChecking, isPending, check } = props;
  const main = useRef<HTMLButtonElement>(null);
  const errors = findings.filter(({ isError }) => isError).length;
  const warnings = findings.length - errors;
  return (
    <div className="action-bar">
      <div className="action-what">
        <span>{waitsFor ?? sentenceOf(intention, draft, zone)}</span>
        <span className="action-findings small" role="status">
          {errors > 0 && (
            <span className="bad">
              <CircleAlert aria-hidden /> {errors === 1 ? "1 problem" : `${errors} problems`}
            </span>
          )}
          {warnings > 0 && (
            <span className="warn">
              <TriangleAlert aria-hidden /> {warnings === 1 ? "1 warning" : `${warnings} warnings`}
            </span>
          )}
          {isChecking && (
            <span className="soft">
              <LoaderCircle aria-hidden /> Checking
            </span>
          )}
          {!isChecking && findings.length === 0 && waitsFor === null && check === null && (
            <span className="good">
              <CircleCheck aria-hidden /> Nothing speaks against it
            </span>
          )}
        </span>
        <Findings
          findings={findings.filter(({ accounts }) => accounts.length === 0)}
          field="call"
          nameOf={props.nameOf}
        />
      </div>
      <div className="action-buttons">
        {props.onCode !== null && (
          <Button onPress={props.onCode} isDisabled={waitsFor !== null}>
            Copy as code
          </Button>
        )}
        {check !== null && waitsFor === null && (
          <Button
            isPending={check.isPending}
            onPress={() => {
              const next = main.current;
              // Its findings say why it failed; the button is gone once it succeeded.
              check.save().then(
                () => next?.focus(),
                () => undefined,
              );
            }}
          >
            Check it
          </Button>
        )}
        <Button
          ref={main}
          kind="primary"
          isPending={isPending}
          isDisabled={waitsFor !== null || props.isBlocked}
          onPress={props.onSubmit}
        >
          {LABELS[intention]}
        </Button>
      </div>
    </div>
  );
}

import { LoaderCircle, TriangleAlert } from "lucide-react";
import type { Environment, Queue } from "presswork-client";
import { type Dispatch, useRef } from "react";
import { Button } from "../../ui/Button";
import "./action-bar.css";
import type { Action, Draft } from "./draft";
import { Findings } from "./Findings";
import type { Finding } from "./findings";
import { type ChosenQueue, type Intention, labelOf, sentenceOf } from "./intention";
import { Problems } from "./Problems";
import { TimeChips } from "./TimeChips";
import type { KeptState } from "./useKeptDraft";
import type { TextContent } from "./useTextContent";

interface ActionBarProps {
  readonly environment: Environment;
  readonly queues: readonly Queue[];
  readonly queue: ChosenQueue | null;
  readonly draft: Draft;
  readonly zone: string;
  readonly intention: Intention;
  readonly mayPublish: boolean;
  readonly findings: readonly Finding[];
  /** What has to be fixed before it can be sent; null: nothing. */
  readonly blocker: Finding | null;
  /** What is still missing, such as an account; null: nothing. */
  readonly gap: Finding | null;
  /** Why it has to wait; null: it need not. */
  readonly waitsFor: string | null;
  /** What it costs; null: nothing. */
  readonly price: string | null;
  readonly isChecking: boolean;
  readonly isPending: boolean;
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
  readonly onSubmit: () => void;
  readonly onJump: (finding: Finding) => void;
  /** The draft on the server; null: there is nothing to keep yet. */
  readonly kept: KeptState | null;
  /** Saves a text, which can be checked only then; null: it is checked as it is written. */
  readonly check: TextContent | null;
}

/** When it goes out, what speaks against it, and the button, which leads to what is wrong as long as something is. */
export function ActionBar(props: ActionBarProps) {
  const {
    environment,
    draft,
    zone,
    queues,
    queue,
    intention,
    findings,
    gap,
    waitsFor,
    isChecking,
    isPending,
    kept,
    check,
    nameOf,
    onJump,
  } = props;
  const main = useRef<HTMLButtonElement>(null);
  const errors = findings.filter(({ isError, field }) => isError && field !== "call");
  const warnings = findings.filter(({ isError, field }) => !isError && field !== "call").length;
  const next = props.blocker ?? gap;
  return (
    <div className="action-bar">
      {props.mayPublish && (
        <TimeChips {...{ environment, draft, zone, queues, queue, findings, nameOf }} dispatch={props.dispatch} />
      )}
      <div className="action-what" role="status">
        {errors.length > 0 ? (
          <Problems {...{ draft, errors, nameOf, onJump }} />
        ) : (
          <span className="small soft">{gap?.message ?? waitsFor ?? sentenceOf(intention, draft, zone, queue)}</span>
        )}
        {warnings > 0 && (
          <span className="action-warn small">
            <TriangleAlert aria-hidden /> {warnings === 1 ? "1 warning" : `${warnings} warnings`}
          </span>
        )}
        {props.price !== null && errors.length === 0 && <span className="small soft">{props.price}</span>}
        {isChecking && (
          <span className="soft small action-checking">
            <LoaderCircle aria-hidden /> Checking
          </span>
        )}
        <Findings findings={findings.filter(({ accounts }) => accounts.length === 0)} field="call" nameOf={nameOf} />
      </div>
      <div className="action-buttons">
        {kept !== null && kept.theirs === null && (
          // The same button, so that the focus stays on it.
          <Button kind={draft.kept === null ? "plain" : "quiet"} onPress={kept.save}>
            {draft.kept === null ? "Save draft" : kept.isSaved ? "Draft saved" : "Saving draft"}
          </Button>
        )}
        {check !== null && gap === null && waitsFor === null && (
          <Button
            isPending={check.isPending}
            onPress={() => {
              const button = main.current;
              // Its findings say why it failed; the button is gone once it succeeded.
              check.save().then(
                () => button?.focus(),
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
          isDisabled={next === null && waitsFor !== null}
          onPress={() => (next === null ? props.onSubmit() : onJump(next))}
        >
          {labelOf(intention, draft)}
        </Button>
      </div>
    </div>
  );
}

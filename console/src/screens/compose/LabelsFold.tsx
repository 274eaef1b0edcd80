import type { Environment } from "presswork-client";
import { type Dispatch, lazy, Suspense, useState } from "react";
import { Fold } from "../../ui/Fold";
import type { Action, Draft } from "./draft";

const LabelsField = lazy(() => import("../../labels/LabelsField"));

interface LabelsFoldProps {
  readonly environment: Environment;
  readonly draft: Draft;
  readonly dispatch: Dispatch<Action>;
}

/** Labels, by which the post is found again. Their field is loaded when a person opens it. */
export function LabelsFold({ environment, draft: { labels, projectId }, dispatch }: LabelsFoldProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Fold title="Labels" {...(labels.length > 0 && { aside: labels.join(", ") })} onOpen={() => setOpen(true)}>
      {isOpen && (
        <Suspense>
          <LabelsField
            {...{ environment, projectId: projectId ?? undefined, value: labels }}
            onChange={(next) => dispatch({ type: "labels", labels: next })}
          />
        </Suspense>
      )}
    </Fold>
  );
}

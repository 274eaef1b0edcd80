import { useState } from "react";
import { messageOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { verdictOf } from "./rows";
import type { Importing } from "./useImport";

/** The counts of the rows, and what comes next: check those that were changed, or import all. */
export function ImportBar({ importing }: { readonly importing: Importing }) {
  const { rows, progress, check, run, start, standing, refusedRow } = importing;
  const [isAsking, setAsking] = useState(false);
  const refused = rows.filter((row) => verdictOf(row) === "refused").length;
  const unchecked = rows.filter((row) => verdictOf(row) === "unchecked");
  const posts = rows.reduce((sum, { result }) => sum + (result?.socialAccountIds.length ?? 0), 0);
  const atOnce = rows.filter(({ result }) => result?.ok && result.scheduledFor === null).length;
  const error = run.error ?? check.error;
  // A row may be refused now that was not when it was sent: the server answers as it did then.
  const isUnknown = standing === "same";
  return (
    <>
      {isUnknown && (
        <Notice tone="bad" title="It is not known whether the posts were created">
          {error !== null && `${messageOf(error)} `}Import the rows again as they are: nothing is created twice.
        </Notice>
      )}
      {error !== null && !isUnknown && (
        <Notice
          tone="bad"
          title={refusedRow === null ? "Nothing was scheduled" : `Row ${refusedRow}: nothing was scheduled`}
        >
          {messageOf(error)}
        </Notice>
      )}
      <section className="import-bar panel" aria-label="Import">
        <span role="status">
          {progress !== null
            ? `${progress.what}: ${progress.done} of ${progress.total}`
            : [
                counted(rows.length - refused - unchecked.length, "row", "ready"),
                ...(refused > 0 ? [`${refused} to correct`] : []),
                ...(unchecked.length > 0 ? [`${unchecked.length} not checked`] : []),
              ].join(" · ")}
        </span>
        {progress !== null && <progress value={progress.done} max={progress.total} aria-hidden />}
        {!isUnknown && (unchecked.length > 0 || refused > 0) ? (
          <Button
            kind="primary"
            isPending={check.isPending}
            isDisabled={unchecked.length === 0}
            onPress={() => check.mutate(unchecked)}
          >
            Check {unchecked.length > 0 ? counted(unchecked.length, "row") : "again"}
          </Button>
        ) : (
          <Button
            kind="primary"
            isPending={run.isPending}
            isDisabled={rows.length === 0 || check.isPending}
            onPress={() => setAsking(true)}
          >
            Import {counted(rows.length, "row")}
          </Button>
        )}
      </section>
      {isAsking && (
        <Dialog
          isOpen
          title={`Create ${counted(posts, "post")}?`}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onPress={() => setAsking(false)}>Not yet</Button>
              <Button
                kind="primary"
                onPress={() => {
                  setAsking(false);
                  start();
                }}
              >
                Create {counted(posts, "post")}
              </Button>
            </>
          }
        >
          <p>
            {rows.length > atOnce && `${counted(rows.length - atOnce, "row")} to schedule. `}
            {atOnce > 0 && `${counted(atOnce, "row")} to publish at once. `}
            All posts are created, or none.
          </p>
          {standing === "other" && (
            <Notice tone="warn" title="An earlier import may have created its posts">
              Its answer was lost. Look in the queue before you import rows of it a second time.
            </Notice>
          )}
        </Dialog>
      )}
    </>
  );
}

function counted(number: number, noun: string, more = ""): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}${more && ` ${more}`}`;
}

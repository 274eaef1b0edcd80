import type { Environment, Project } from "presswork-client";
import { lazy, Suspense } from "react";
import type { Repeated } from "../../recurrences/RepeatDialog";
import type { Call } from "./call";
import type { ComposeSearch } from "./search";

const CallDialog = lazy(() => import("./CallDialog"));
const DraftsDialog = lazy(() => import("./DraftsDialog"));
const RepeatDialog = lazy(() => import("../../recurrences/RepeatDialog"));

interface ComposeDialogsProps {
  readonly environment: Environment;
  readonly projects: readonly Project[];
  readonly zone: string;
  readonly search: ComposeSearch;
  /** Null: there is nothing to send yet. */
  readonly call: Call | null;
  /** The draft on the server that is open. */
  readonly openId: string | undefined;
  /** Saves what is written, and returns what is repeated; null: it can't be sent yet. */
  readonly onRepeat: (() => Promise<Repeated>) | null;
  readonly onRepeated: () => void;
  readonly go: (change: Partial<ComposeSearch>) => void;
}

/** The dialog that the address names. */
export function ComposeDialogs(props: ComposeDialogsProps) {
  const { environment, projects, zone, search, call, openId, onRepeat, onRepeated, go } = props;
  return (
    <Suspense>
      {search.call !== undefined && call !== null && (
        <CallDialog
          call={call}
          language={search.call}
          onLanguage={(language) => go({ call: language })}
          onClose={() => go({ call: undefined })}
        />
      )}
      {search.drafts === "open" && (
        <DraftsDialog {...{ environment, projects, openId }} onClose={() => go({ drafts: undefined })} />
      )}
      {search.repeat === "open" && onRepeat !== null && (
        <RepeatDialog
          {...{ environment, zone }}
          recurrence={null}
          prepare={onRepeat}
          onClose={() => go({ repeat: undefined })}
          onDone={onRepeated}
        />
      )}
    </Suspense>
  );
}

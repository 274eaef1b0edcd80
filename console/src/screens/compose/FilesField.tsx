import { Upload } from "lucide-react";
import type { Content } from "presswork-client";
import { type Dispatch, lazy, Suspense } from "react";
import { MAX_FILES, MAX_MIXED } from "../../api/maxima";
import { Button } from "../../ui/Button";
import { DropZone } from "../../ui/DropZone";
import { FileButton } from "../../ui/FileButton";
import { Notice } from "../../ui/Notice";
import { SkeletonRows } from "../../ui/Skeleton";
import { AltTexts } from "./AltTexts";
import { ACCEPTED } from "./acceptFiles";
import type { Action, Draft } from "./draft";
import "./files.css";
import type { Files } from "./useFiles";
import type { Uploads } from "./useUploads";

const FileGrid = lazy(() => import("./FileGrid"));

export interface FilesFieldProps {
  readonly draft: Draft;
  readonly content: Content | undefined;
  readonly files: Files;
  readonly uploads: Uploads;
  readonly dispatch: Dispatch<Action>;
  /** Leaves content that exists, and starts with other files. */
  readonly onReplace: () => void;
}

/** The files of the post, in their order: dropped or chosen, sent at once, each with its progress. */
export function FilesField({ draft, content, files, uploads, dispatch, onReplace }: FilesFieldProps) {
  const isChangeable = draft.isOwn;
  const failed = draft.files.filter(({ id }) => uploads.states.get(id)?.status === "failed");
  const hint =
    draft.files.length > 0
      ? null
      : `Up to ${MAX_FILES} pictures, ${MAX_MIXED} with videos among them, or one PDF. JPEG, PNG, WebP, MP4, MOV.`;
  return (
    <DropZone
      className={draft.files.length === 0 ? "drop-zone empty" : "drop-zone"}
      isDisabled={!isChangeable}
      onFiles={files.add}
    >
      {draft.files.length > 0 && (
        <Suspense fallback={<SkeletonRows rows={1} />}>
          <FileGrid {...{ draft, content, files, uploads, dispatch }} />
        </Suspense>
      )}
      <div className="drop-actions">
        {isChangeable ? (
          <FileButton isMultiple accepted={ACCEPTED} onFiles={files.add}>
            <Upload aria-hidden /> {draft.files.length === 0 ? "Choose files" : "Add files"}
          </FileButton>
        ) : (
          <Button onPress={onReplace}>Use other files</Button>
        )}
        {failed.length > 1 && (
          <Button
            onPress={() => {
              for (const { id } of failed) uploads.retry(id);
            }}
          >
            Retry {failed.length} files
          </Button>
        )}
        {draft.files.length === 0 && <p className="soft">or drop them here</p>}
        {hint !== null && <p className="soft small">{hint}</p>}
      </div>
      {files.refusals.length > 0 && <Notice tone="bad">{files.refusals.join(" ")}</Notice>}
      {uploads.error !== null && (
        <Notice tone="bad" actions={<Button onPress={uploads.restart}>Try again</Button>}>
          {uploads.error}
        </Notice>
      )}
      {uploads.isInterrupted && (
        <Notice
          tone="warn"
          title="The page was loaded again before all files were sent."
          actions={<Button onPress={() => dispatch({ type: "order files", ids: [] })}>Remove them</Button>}
        >
          Choose the same files again: what has arrived is not sent twice. Everything else is still here.
        </Notice>
      )}
      <AltTexts files={draft.files} dispatch={dispatch} />
    </DropZone>
  );
}

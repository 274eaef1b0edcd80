import { Upload } from "lucide-react";
import type { Content } from "presswork-client";
import type { Dispatch } from "react";
import { DropZone, FileTrigger, GridList, Text, useDragAndDrop } from "react-aria-components";
import { MAX_FILES, MAX_MIXED } from "../../api/maxima";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { AltTexts } from "./AltTexts";
import { ACCEPTED } from "./acceptFiles";
import type { Action, Draft } from "./draft";
import { FileTile } from "./FileTile";
import "./files.css";
import type { Files } from "./useFiles";
import type { Uploads } from "./useUploads";

interface FilesFieldProps {
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
  const { dragAndDropHooks } = useDragAndDrop({
    getItems: (keys) => [...keys].map((key) => ({ "text/plain": String(key) })),
    onReorder: ({ keys, target }) => {
      const rest = draft.files.map(({ id }) => id).filter((id) => !keys.has(id));
      const at = rest.indexOf(String(target.key)) + (target.dropPosition === "after" ? 1 : 0);
      const moved = draft.files.map(({ id }) => id).filter((id) => keys.has(id));
      dispatch({ type: "order files", ids: [...rest.slice(0, at), ...moved, ...rest.slice(at)] });
    },
  });
  const isChangeable = draft.isOwn;
  const isOrdered = isChangeable && draft.files.length > 1;
  const failed = draft.files.filter(({ id }) => uploads.states.get(id)?.status === "failed");
  const hint =
    draft.files.length > 0
      ? null
      : `Up to ${MAX_FILES} pictures, ${MAX_MIXED} with videos among them, or one PDF. JPEG, PNG, WebP, MP4, MOV.`;
  return (
    <DropZone
      className={draft.files.length === 0 ? "drop-zone empty" : "drop-zone"}
      getDropOperation={(types) => (types.has("text/plain") || !isChangeable ? "cancel" : "copy")}
      onDrop={async (event) => {
        const dropped = event.items.filter((item) => item.kind === "file");
        files.add(await Promise.all(dropped.map((item) => item.getFile())));
      }}
    >
      {draft.files.length > 0 && (
        <GridList
          key={isOrdered ? "ordered" : "fixed"}
          aria-label="Files, in their order"
          className="file-grid"
          layout="grid"
          keyboardNavigationBehavior="tab"
          items={draft.files}
          dependencies={[uploads.states, content, files.local]}
          {...(isOrdered && { dragAndDropHooks })}
        >
          {(file) => (
            <FileTile
              file={file}
              position={draft.files.indexOf(file)}
              isOnly={!isOrdered}
              url={files.local.get(file.id)?.url ?? null}
              media={content?.media.find(({ id }) => id === file.assetId)}
              upload={uploads.states.get(file.id)}
              onRetry={() => uploads.retry(file.id)}
              onCancel={() => uploads.cancel(file.id)}
              {...(isChangeable && { onRemove: () => dispatch({ type: "remove file", id: file.id }) })}
            />
          )}
        </GridList>
      )}
      <div className="drop-actions">
        <Text slot="label" className="visually-hidden">
          Drop files here
        </Text>
        {isChangeable ? (
          <FileTrigger
            allowsMultiple
            acceptedFileTypes={ACCEPTED}
            onSelect={(list) => list !== null && files.add([...list])}
          >
            <Button>
              <Upload aria-hidden /> {draft.files.length === 0 ? "Choose files" : "Add files"}
            </Button>
          </FileTrigger>
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

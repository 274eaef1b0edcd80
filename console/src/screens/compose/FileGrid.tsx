import { GridList, useDragAndDrop } from "react-aria-components";
import type { FilesFieldProps } from "./FilesField";
import { FileTile } from "./FileTile";

/** The files in their order, which can be changed by the mouse and the keyboard. */
export default function FileGrid({ draft, content, files, uploads, dispatch }: Omit<FilesFieldProps, "onReplace">) {
  const { dragAndDropHooks } = useDragAndDrop({
    getItems: (keys) => [...keys].map((key) => ({ "text/plain": String(key) })),
    onReorder: ({ keys, target }) => {
      const rest = draft.files.map(({ id }) => id).filter((id) => !keys.has(id));
      const at = rest.indexOf(String(target.key)) + (target.dropPosition === "after" ? 1 : 0);
      const moved = draft.files.map(({ id }) => id).filter((id) => keys.has(id));
      dispatch({ type: "order files", ids: [...rest.slice(0, at), ...moved, ...rest.slice(at)] });
    },
  });
  const isOrdered = draft.isOwn && draft.files.length > 1;
  return (
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
          {...(draft.isOwn && { onRemove: () => dispatch({ type: "remove file", id: file.id }) })}
        />
      )}
    </GridList>
  );
}

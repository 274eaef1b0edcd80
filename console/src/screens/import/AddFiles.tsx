import { Images, Upload } from "lucide-react";
import { DropZone, FileTrigger, Text } from "react-aria-components";
import { Button } from "../../ui/Button";
import { ACCEPTED } from "../compose/acceptFiles";

const SHOWN = 8;

interface AddFilesProps {
  /** How many files the table names. */
  readonly count: number;
  readonly missing: readonly string[];
  /** Whether approvers see the files before the import is confirmed. */
  readonly isReviewed: boolean;
  readonly isDisabled: boolean;
  readonly onAdd: (files: readonly File[]) => void;
}

/** Takes the pictures and videos that the table names, matched by their names. */
export function AddFiles({ count, missing, isReviewed, isDisabled, onAdd }: AddFilesProps) {
  const isComplete = missing.length === 0;
  return (
    <DropZone
      className="panel drop-zone import-files"
      isDisabled={isDisabled}
      getDropOperation={() => "copy"}
      onDrop={async (event) => {
        const dropped = event.items.filter((item) => item.kind === "file");
        onAdd(await Promise.all(dropped.map((item) => item.getFile())));
      }}
    >
      <Images aria-hidden />
      <div>
        <Text slot="label">
          {isComplete
            ? `All files that the table names are here: ${count}.`
            : `Add the pictures and videos that the table names: ${count - missing.length} of ${count} are here.`}
        </Text>
        {!isComplete && (
          <p className="soft small" role="status">
            Missing: {missing.slice(0, SHOWN).join(", ")}
            {missing.length > SHOWN && ` and ${missing.length - SHOWN} more`}
          </p>
        )}
        {isReviewed && (
          <p className="soft small">
            Posts of this project are reviewed: approvers see a file once its row is checked.
          </p>
        )}
      </div>
      <FileTrigger allowsMultiple acceptedFileTypes={ACCEPTED} onSelect={(list) => list !== null && onAdd([...list])}>
        <Button isDisabled={isDisabled}>
          <Upload aria-hidden /> {isComplete ? "Choose other files" : "Choose the files"}
        </Button>
      </FileTrigger>
    </DropZone>
  );
}

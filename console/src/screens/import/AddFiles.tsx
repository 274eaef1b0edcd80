import { Images, Upload } from "lucide-react";
import { DropZone } from "../../ui/DropZone";
import { FileButton } from "../../ui/FileButton";
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
    <DropZone className="panel drop-zone import-files" isDisabled={isDisabled} onFiles={onAdd}>
      <Images aria-hidden />
      <div>
        <p>
          {isComplete
            ? `All files that the table names are here: ${count}.`
            : `Add the pictures and videos that the table names: ${count - missing.length} of ${count} are here.`}
        </p>
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
      <FileButton isMultiple isDisabled={isDisabled} accepted={ACCEPTED} onFiles={onAdd}>
        <Upload aria-hidden /> {isComplete ? "Choose other files" : "Choose the files"}
      </FileButton>
    </DropZone>
  );
}

import { NotebookPen } from "lucide-react";
import { useId } from "react";
import { Button } from "../../ui/Button";

interface NoteFieldProps {
  readonly note: string | null;
  /** What is being written; null: nothing is. */
  readonly draft: string | null;
  readonly canWrite: boolean;
  readonly onDraft: (draft: string | null) => void;
  readonly onSave: (note: string | null) => void;
}

/** A note for colleagues, which never leaves Presswork. */
export function NoteField({ note, draft, canWrite, onDraft, onSave }: NoteFieldProps) {
  const id = useId();
  const save = () => onSave(draft === null || draft.trim() === "" ? null : draft.trim());
  if (draft !== null) {
    return (
      <section className="note-field" aria-label="Internal note">
        <label htmlFor={id} className="small">
          Internal note
        </label>
        <textarea
          id={id}
          className="input area"
          rows={2}
          // biome-ignore lint/a11y/noAutofocus: a person has just asked for it
          autoFocus
          maxLength={MAX_NOTE}
          value={draft}
          onChange={({ target }) => onDraft(target.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              save();
            } else if (event.key === "Escape") onDraft(null);
          }}
        />
        <span className="note-acts">
          <Button onPress={() => onDraft(null)}>Cancel</Button>
          <Button kind="primary" onPress={save}>
            Save the note
          </Button>
        </span>
      </section>
    );
  }
  if (note === null) return null;
  return (
    <section className="note-field shown" aria-label="Internal note">
      <NotebookPen aria-hidden />
      <p>{note}</p>
      {canWrite && <Button onPress={() => onDraft(note)}>Edit</Button>}
    </section>
  );
}

const MAX_NOTE = 1_000;

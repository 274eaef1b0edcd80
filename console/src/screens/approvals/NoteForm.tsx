import { type KeyboardEvent, useState } from "react";
import { issuesOf } from "../../api/errors";
import { MAX_CHARACTERS } from "../../api/maxima";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/TextField";
import type { DecisionKind } from "./useDecisions";

interface Words {
  readonly label: string;
  readonly description: string;
  readonly action: string;
  /** What is missing without a note; undefined where none is required. */
  readonly missing?: string;
}

const WORDS: Readonly<Record<DecisionKind, Words>> = {
  approve: { label: "Note", description: "The author can read it.", action: "Approve" },
  changes: {
    label: "What should change?",
    description: "It stays in the inbox until it is edited and decided on.",
    action: "Request changes",
    missing: "Say what should change, so that the author can do it.",
  },
  reject: {
    label: "Why is it rejected?",
    description: "Final: what waits for it is dropped, and it can never be published.",
    action: "Reject",
    missing: "Give a reason for the author.",
  },
};

interface NoteFormProps {
  readonly kind: DecisionKind;
  readonly note: string;
  readonly onChange: (note: string) => void;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onDecide: (note: string) => void;
  readonly onClose: () => void;
}

/** A decision with a note. Ctrl+Enter sends it, Escape closes it. */
export function NoteForm({ kind, note, onChange, isPending, error, onDecide, onClose }: NoteFormProps) {
  const [isMissing, setMissing] = useState(false);
  const { label, description, action, missing } = WORDS[kind];
  const issues = issuesOf(error);
  const send = () => {
    if (missing !== undefined && note.trim() === "") setMissing(true);
    else if (!isPending) onDecide(note.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
  };
  return (
    <form
      className="note-form"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <TextField
        label={label}
        description={description}
        rows={3}
        autoFocus
        maxLength={MAX_CHARACTERS.note}
        value={note}
        onChange={(text) => {
          onChange(text);
          setMissing(false);
        }}
        onKeyDown={onKeyDown}
        error={(isMissing ? missing : undefined) ?? issues["note"] ?? issues["reason"]}
      />
      <div className="note-actions">
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" kind={kind === "reject" ? "danger" : "primary"} isPending={isPending}>
          {action}
        </Button>
      </div>
    </form>
  );
}

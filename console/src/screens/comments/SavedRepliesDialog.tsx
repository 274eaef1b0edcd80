import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, Plus, Trash2 } from "lucide-react";
import type { Environment, SavedReply } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { savedRepliesQuery } from "../../comments/queries";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { TextField } from "../../ui/TextField";

interface SavedRepliesDialogProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly projectName: string;
  /** What is in the field for the reply: the text of a new one. */
  readonly text: string;
  readonly onClose: () => void;
}

type Edited = { readonly id: string | null; readonly name: string; readonly text: string };

/** The saved replies of a project: make, edit and delete them. */
export default function SavedRepliesDialog(props: SavedRepliesDialogProps) {
  const { environment, projectId, projectName, text, onClose } = props;
  const saved = useQuery(savedRepliesQuery(environment, projectId));
  const [edited, setEdited] = useState<Edited | null>(null);
  const writes = useWrites(environment, projectId, () => setEdited(null));
  const actions =
    edited === null ? (
      <Button onPress={onClose}>Close</Button>
    ) : (
      <>
        <Button onPress={() => setEdited(null)}>Back</Button>
        <Button
          kind="primary"
          isDisabled={edited.name.trim() === "" || edited.text.trim() === ""}
          isPending={writes.save.isPending}
          onPress={() => writes.save.mutate(edited)}
        >
          Save
        </Button>
      </>
    );
  return (
    <Dialog isOpen onClose={onClose} title={`Saved replies of ${projectName}`} actions={actions}>
      {edited === null ? (
        <>
          <ErrorNotice error={writes.remove.error} />
          <Loaded query={saved} skeleton={<SkeletonRows rows={3} />}>
            {(replies) => (
              <ul className="saved-replies" aria-label="Saved replies">
                {replies.map((reply) => (
                  <Row
                    key={reply.id}
                    reply={reply}
                    onEdit={() => setEdited(reply)}
                    onDelete={() => writes.remove.mutate(reply.id)}
                  />
                ))}
                {replies.length === 0 && (
                  <li className="soft">None yet. Everyone who sees the project uses the same ones.</li>
                )}
              </ul>
            )}
          </Loaded>
          <Button onPress={() => setEdited({ id: null, name: "", text })}>
            <Plus aria-hidden /> New saved reply
          </Button>
        </>
      ) : (
        <Form edited={edited} error={writes.save.error} onChange={setEdited} />
      )}
    </Dialog>
  );
}

interface RowProps {
  readonly reply: SavedReply;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

function Row({ reply: { name, text }, onEdit, onDelete }: RowProps) {
  const [isAsked, setAsked] = useState(false);
  return (
    <li className="saved-reply">
      <div>
        <strong>{name}</strong>
        <p className="soft small saved-text">{text}</p>
      </div>
      {isAsked ? (
        <span className="saved-acts">
          <Button onPress={() => setAsked(false)}>Keep</Button>
          <Button kind="danger" onPress={onDelete}>
            Delete
          </Button>
        </span>
      ) : (
        <span className="saved-acts">
          <Button kind="quiet" isIcon aria-label={`Edit ${name}`} onPress={onEdit}>
            <Pencil aria-hidden />
          </Button>
          <Button kind="quiet" isIcon aria-label={`Delete ${name}`} onPress={() => setAsked(true)}>
            <Trash2 aria-hidden />
          </Button>
        </span>
      )}
    </li>
  );
}

interface FormProps {
  readonly edited: Edited;
  readonly error: unknown;
  readonly onChange: (edited: Edited) => void;
}

function Form({ edited, error, onChange }: FormProps) {
  const issues = issuesOf(error);
  return (
    <>
      <ErrorNotice error={error} fields={["name", "text"]} />
      <TextField
        label="Name"
        value={edited.name}
        onChange={(name) => onChange({ ...edited, name })}
        error={issues["name"]}
        autoFocus
      />
      <TextField
        label="Text"
        rows={5}
        value={edited.text}
        onChange={(text) => onChange({ ...edited, text })}
        error={issues["text"]}
      />
    </>
  );
}

function useWrites(environment: Environment, projectId: string, onSaved: () => void) {
  const queries = useQueryClient();
  const { savedReplies } = clientOf(environment);
  const readAgain = () => queries.invalidateQueries({ queryKey: savedRepliesQuery(environment, projectId).queryKey });
  const save = useMutation({
    mutationFn: ({ id, name, text }: Edited): Promise<unknown> => {
      const texts = { projectId, name: name.trim(), text: text.trim() };
      return id === null ? savedReplies.create(texts) : savedReplies.update({ ...texts, savedReplyId: id });
    },
    onSuccess: async () => {
      await readAgain();
      onSaved();
    },
  });
  const remove = useMutation({
    mutationFn: (savedReplyId: string): Promise<unknown> => savedReplies.delete({ projectId, savedReplyId }),
    onSettled: readAgain,
  });
  return { save, remove };
}

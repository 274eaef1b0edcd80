import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, Project, Snippet } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { placeholderOf } from "../../snippets/insert";
import { snippetsQuery } from "../../snippets/queries";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";
import { toast } from "../../ui/toasts";

interface SnippetDialogProps {
  readonly environment: Environment;
  readonly project: Project;
  /** Null: a new one. */
  readonly snippet: Snippet | null;
  readonly onClose: () => void;
}

/** Makes or changes a snippet. */
export default function SnippetDialog({ environment, project, snippet, onClose }: SnippetDialogProps) {
  const queries = useQueryClient();
  const [name, setName] = useState(snippet?.name ?? "");
  const [text, setText] = useState(snippet?.text ?? "");
  const save = useMutation({
    mutationFn: (): Promise<unknown> => {
      const { snippets } = clientOf(environment);
      return snippet === null
        ? snippets.create({ projectId: project.id, name: name.trim(), text })
        : snippets.update({ snippetId: snippet.id, name: name.trim(), text });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: snippetsQuery(environment, project.id).queryKey });
      toast("Saved.");
      onClose();
    },
  });
  const issues = issuesOf(save.error);
  const names = Object.keys(project.variables ?? {});
  return (
    <Dialog
      isOpen
      size="large"
      onClose={onClose}
      title={snippet === null ? "New snippet" : "Edit the snippet"}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isDisabled={name.trim() === "" || text.trim() === ""}
            isPending={save.isPending}
            onPress={() => save.mutate()}
          >
            Save
          </Button>
        </>
      }
    >
      <ErrorNotice error={save.error} fields={["name", "text"]} />
      <TextField label="Name" value={name} onChange={setName} error={issues["name"]} autoFocus={snippet === null} />
      <TextField
        label="Text"
        rows={5}
        value={text}
        onChange={setText}
        error={issues["text"]}
        description={
          names.length === 0
            ? "It is inserted as it is."
            : `Variables are filled in when it is posted: ${names.slice(0, 5).map(placeholderOf).join(", ")}${names.length > 5 ? "…" : ""}`
        }
      />
    </Dialog>
  );
}

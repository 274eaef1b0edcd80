import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Content, Environment } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { postsOfContentQuery } from "../../content/queries";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { toast } from "../../ui/toasts";
import { changesOf, consequence, type Texts, textsOf } from "./edits";

interface EditDialogProps {
  readonly environment: Environment;
  readonly content: Content;
  readonly onClose: () => void;
}

const MAX_CHARACTERS = 2_200;
const MAX_ALT_CHARACTERS = 1_000;

/** Edits the texts of content. It says before what an edit does to the approval and to posts that wait. */
export function EditDialog({ environment, content, onClose }: EditDialogProps) {
  const queries = useQueryClient();
  const [texts, setTexts] = useState<Texts>(() => textsOf(content));
  const posts = useQuery(postsOfContentQuery(environment, content.id));
  const changes = changesOf(content, texts);
  const isChanged = Object.keys(changes).length > 0;
  const save = useMutation({
    mutationFn: () => clientOf(environment).content.update({ containerId: content.id, ...changes }),
    onSuccess: (saved) => {
      const isPending = saved.approvalStatus === "pending" && content.approvalStatus !== "pending";
      toast(isPending ? "Saved. It waits for approval again." : "Saved.");
      onClose();
    },
    onSettled: () =>
      Promise.all(["content", "posts"].map((part) => queries.invalidateQueries({ queryKey: [environment, part] }))),
  });
  const issues = issuesOf(save.error);
  const warning = consequence(content, (posts.data ?? []).filter(({ status }) => status === "queued").length);
  const set = (change: Partial<Texts>) => setTexts((before) => ({ ...before, ...change }));
  return (
    <Dialog
      isOpen
      size="large"
      onClose={onClose}
      title="Edit the texts"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={!isChanged} isPending={save.isPending} onPress={() => save.mutate()}>
            {warning?.isReopened ? "Save and send for review" : "Save"}
          </Button>
        </>
      }
    >
      {warning !== null && <Notice tone={warning.isReopened ? "warn" : "info"}>{warning.text}</Notice>}
      {save.error !== null && Object.keys(issues).length === 0 && <ErrorNotice error={save.error} />}
      <TextField
        label="Caption"
        rows={6}
        maxLength={MAX_CHARACTERS}
        description={`${texts.caption.length} of ${MAX_CHARACTERS} characters`}
        value={texts.caption}
        onChange={(caption) => set({ caption })}
        error={issues["caption"]}
      />
      <TextField
        label="First comment"
        rows={2}
        maxLength={MAX_CHARACTERS}
        value={texts.firstComment}
        onChange={(firstComment) => set({ firstComment })}
        error={issues["firstComment"]}
      />
      {content.media.map(({ id }, position) => (
        <TextField
          key={id}
          label={content.media.length > 1 ? `Alternative text of picture ${position + 1}` : "Alternative text"}
          description="For people who can't see it."
          maxLength={MAX_ALT_CHARACTERS}
          value={texts.altTexts[position] ?? ""}
          onChange={(text) => set({ altTexts: texts.altTexts.with(position, text) })}
          error={issues[`media[${position}].altText`]}
        />
      ))}
    </Dialog>
  );
}

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Content, Environment, ScheduledPost } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../api/client";
import { issuesOf } from "../api/errors";
import { type RepeatedTexts, repeatQuery } from "../posts/repeat";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Notice } from "../ui/Notice";
import { toast } from "../ui/toasts";
import { useSettled } from "../ui/useSettled";
import { EditFields, isTooLong, pathsOf } from "./EditFields";
import { changesOf, consequence, type Texts, textsOf } from "./edits";
import { postsOfContentQuery } from "./queries";

interface EditDialogProps {
  readonly environment: Environment;
  readonly content: Content;
  /** The post from which it was opened. */
  readonly post?: ScheduledPost;
  /** Whether that post has failed, and is published again with the new texts. */
  readonly isRepeated?: boolean;
  readonly onClose: () => void;
  /** Called with what the API answered about the repeated post. */
  readonly onRepeated?: (answer: unknown) => void;
}

/** Edits the texts of content. It says before what an edit does to the approval and to posts that wait. */
export default function EditDialog(props: EditDialogProps) {
  const { environment, content, post, isRepeated = false, onClose, onRepeated } = props;
  const queries = useQueryClient();
  const [before] = useState(content); // what changed since it was opened is not a change of this person
  const [texts, setTexts] = useState<Texts>(() => textsOf(before));
  const posts = useQuery(postsOfContentQuery(environment, content.id));
  const changes = changesOf(before, texts);
  const isChanged = Object.keys(changes).length > 0;
  const repeated = isRepeated ? post : undefined;
  const finding = useFinding(environment, repeated, before, texts);
  const save = useMutation({
    mutationFn: async () => {
      const saved = await clientOf(environment).content.update({ containerId: content.id, ...changes });
      const waits = saved.approvalStatus === "pending";
      if (repeated === undefined || waits) return { waits, answer: null };
      return { waits, answer: await clientOf(environment).publishing.republishPost({ postId: repeated.id }) };
    },
    onSuccess: ({ waits, answer }) => {
      const isReopened = waits && content.approvalStatus !== "pending";
      if (answer !== null) toast("Saved, and published again.");
      else toast(isReopened ? "Saved. It waits for approval again." : "Saved.");
      onClose();
      if (answer !== null) onRepeated?.(answer);
    },
    onSettled: () =>
      Promise.all(["content", "posts"].map((part) => queries.invalidateQueries({ queryKey: [environment, part] }))),
  });
  const warning = consequence(content, (posts.data ?? []).filter(({ status }) => status === "queued").length);
  return (
    <Dialog
      isOpen
      size="large"
      onClose={onClose}
      title={isRepeated ? "Edit and publish again" : "Edit the texts"}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isDisabled={!isChanged || isTooLong(texts) || finding !== null}
            isPending={save.isPending}
            onPress={() => save.mutate()}
          >
            {warning?.isReopened ? "Save and send for review" : isRepeated ? "Save and publish again" : "Save"}
          </Button>
        </>
      }
    >
      {finding !== null && (
        <Notice tone="warn" title="It would fail again">
          {finding}
        </Notice>
      )}
      {warning !== null && <Notice tone={warning.isReopened ? "warn" : "info"}>{warning.text}</Notice>}
      {post !== undefined && post.captionOverride !== null && post.captionOverride !== content.caption && (
        <Notice title="This post has a text of its own">
          It stays as it is; what you change here goes to the other accounts. Its own text is changed with Edit on its
          page, while it is queued.
        </Notice>
      )}
      <ErrorNotice error={save.error} fields={pathsOf(before)} />
      <EditFields
        environment={environment}
        content={before}
        texts={texts}
        issues={issuesOf(save.error)}
        onChange={(change) => setTexts((now) => ({ ...now, ...change }))}
      />
    </Dialog>
  );
}

/** Returns why a post would fail again with the texts as they are typed. Parts are checked once they are saved. */
function useFinding(
  environment: Environment,
  post: ScheduledPost | undefined,
  before: Content,
  texts: Texts,
): string | null {
  const former = textsOf(before);
  const typed: RepeatedTexts = {
    ...(texts.caption !== former.caption && { caption: texts.caption }),
    ...(texts.firstComment !== former.firstComment && { firstComment: texts.firstComment }),
  };
  const asked = JSON.parse(useSettled(JSON.stringify(typed))) as RepeatedTexts;
  const isAsked = JSON.stringify(texts.parts) === JSON.stringify(former.parts);
  const query = useQuery({
    ...repeatQuery(environment, isAsked ? post : undefined, asked),
    placeholderData: keepPreviousData,
  });
  return (isAsked && query.data) || null;
}

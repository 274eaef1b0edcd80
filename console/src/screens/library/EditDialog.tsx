import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Content, Environment } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { MAX_CHARACTERS } from "../../api/maxima";
import { CardFields } from "../../content/CardFields";
import type { LinkTexts } from "../../content/links";
import { postsOfContentQuery } from "../../content/queries";
import { characters } from "../../platforms/texts";
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

const LINK_PATHS = ["link", "link.url", "link.title", "link.description", "link.imageUrl"];
const partPath = (place: number) => `parts[${place}].text`;
const altTextPath = (position: number) => `media[${position}].altText`;

/** Edits the texts of content. It says before what an edit does to the approval and to posts that wait. */
export function EditDialog({ environment, content, onClose }: EditDialogProps) {
  const queries = useQueryClient();
  const [before] = useState(content); // what changed since it was opened is not a change of this person
  const [texts, setTexts] = useState<Texts>(() => textsOf(before));
  const posts = useQuery(postsOfContentQuery(environment, content.id));
  const changes = changesOf(before, texts);
  const isChanged = Object.keys(changes).length > 0;
  const isTooLong =
    excessOf(texts.caption, MAX_CHARACTERS.caption) !== undefined ||
    excessOf(texts.firstComment, MAX_CHARACTERS.firstComment) !== undefined ||
    texts.altTexts.some((text) => excessOf(text, MAX_CHARACTERS.altText) !== undefined);
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
  const set = (change: Partial<Texts>) => setTexts((now) => ({ ...now, ...change }));
  const setLink = (change: Partial<LinkTexts>) => setTexts((now) => ({ ...now, link: { ...now.link, ...change } }));
  const isText = before.mediaType === "text";
  const isThread = before.parts !== null;
  return (
    <Dialog
      isOpen
      size="large"
      onClose={onClose}
      title="Edit the texts"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isDisabled={!isChanged || isTooLong}
            isPending={save.isPending}
            onPress={() => save.mutate()}
          >
            {warning?.isReopened ? "Save and send for review" : "Save"}
          </Button>
        </>
      }
    >
      {warning !== null && <Notice tone={warning.isReopened ? "warn" : "info"}>{warning.text}</Notice>}
      <ErrorNotice
        error={save.error}
        fields={[
          "caption",
          "firstComment",
          ...LINK_PATHS,
          ...texts.parts.map((_, place) => partPath(place)),
          ...before.media.map((_, position) => altTextPath(position)),
        ]}
      />
      {texts.parts.map((text, place) => (
        <TextField
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
          key={place}
          label={`Part ${place + 1} of ${texts.parts.length}`}
          rows={3}
          value={text}
          onChange={(value) => set({ parts: texts.parts.with(place, value) })}
          error={issues[partPath(place)]}
        />
      ))}
      {!isThread && (
        <TextField
          label={isText ? "Text" : "Caption"}
          rows={6}
          description={countSentence(texts.caption, MAX_CHARACTERS.caption)}
          value={texts.caption}
          onChange={(caption) => set({ caption })}
          error={excessOf(texts.caption, MAX_CHARACTERS.caption) ?? issues["caption"]}
        />
      )}
      {isText && !isThread && (
        <>
          <TextField
            label="Link"
            type="url"
            inputMode="url"
            placeholder="https://"
            value={texts.link.url}
            onChange={(url) => setLink({ url })}
            error={issues["link"] ?? issues["link.url"]}
          />
          {texts.link.url.trim() !== "" && <CardFields link={texts.link} issues={issues} onChange={setLink} />}
        </>
      )}
      <TextField
        label="First comment"
        rows={2}
        value={texts.firstComment}
        onChange={(firstComment) => set({ firstComment })}
        error={excessOf(texts.firstComment, MAX_CHARACTERS.firstComment) ?? issues["firstComment"]}
      />
      {before.media.map(({ id }, position) => (
        <TextField
          key={id}
          label={before.media.length > 1 ? `Alternative text of picture ${position + 1}` : "Alternative text"}
          description="For people who can't see it."
          value={texts.altTexts[position] ?? ""}
          onChange={(text) => set({ altTexts: texts.altTexts.with(position, text) })}
          error={excessOf(texts.altTexts[position] ?? "", MAX_CHARACTERS.altText) ?? issues[altTextPath(position)]}
        />
      ))}
    </Dialog>
  );
}

function countSentence(text: string, limit: number): string {
  return `${characters(text).toLocaleString("en")} of ${limit.toLocaleString("en")} characters`;
}

/** Returns what to do about a text that is too long, as the API counts; undefined for one that is not. */
function excessOf(text: string, limit: number): string | undefined {
  const excess = characters(text) - limit;
  if (excess <= 0) return undefined;
  return `This is ${excess.toLocaleString("en")} ${excess === 1 ? "character" : "characters"} too long. Shorten it.`;
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Eye, Lock, MapPin, Timer, X } from "lucide-react";
import type { Content, Environment, Visibility } from "presswork-client";
import { type RefObject, useEffect, useId, useRef, useState } from "react";
import { clientOf } from "../api/client";
import { assigneesQuery } from "../comments/queries";
import { draftOf, keepDraft } from "../comments/replyDrafts";
import type { Marks } from "../content/MarksContext";
import { isDocument, isVideo } from "../content/media";
import { Button } from "../ui/Button";
import { ErrorNotice } from "../ui/ErrorNotice";
import { useShortcuts } from "../ui/useShortcuts";
import { whereText } from "./anchors";
import { MentionField } from "./MentionField";
import { mentionsIn } from "./mentions";
import { discussionQuery } from "./queries";

const MAX_CHARACTERS = 5_000;

interface CommentFormProps {
  readonly environment: Environment;
  readonly content: Pick<Content, "id" | "projectId" | "media">;
  readonly marks: Marks;
}

/** Where a comment is written: for the team, unless a person chooses that the client sees it. */
export function CommentForm({ environment, content, marks }: CommentFormProps) {
  const queries = useQueryClient();
  const [text, setText] = useState(() => draftOf(content.id));
  const [visibility, setVisibility] = useState<Visibility>("internal");
  const field = useRef<HTMLTextAreaElement>(null);
  const { pending, setPending, setMarking, isMarking } = marks;
  const change = (next: string) => {
    setText(next);
    keepDraft(content.id, next);
  };
  const add = useMutation({
    mutationFn: async () => {
      const people = text.includes("@")
        ? await queries.ensureQueryData(assigneesQuery(environment, content.projectId))
        : [];
      const mentions = mentionsIn(text, people);
      return clientOf(environment).content.addComment({
        containerId: content.id,
        text: text.trim(),
        visibility,
        ...(pending !== null && { anchor: pending }),
        ...(mentions.length > 0 && { mentions }),
      });
    },
    onSuccess: () => {
      change("");
      setPending(null);
      setVisibility("internal");
    },
    onSettled: () => queries.invalidateQueries({ queryKey: discussionQuery(environment, content.id).queryKey }),
  });
  const isReady = text.trim() !== "";
  const send = () => {
    if (isReady && !add.isPending) add.mutate();
  };
  useFocusAfterMark(pending, field);
  const files = content.media.filter((item) => !isDocument(item) && item.url !== null);
  const onlyVideos = files.length > 0 && files.every(isVideo);
  useShortcuts(files.length > 0 ? { m: () => setMarking(true) } : {});
  return (
    <form
      className={`comment-form ${visibility}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <MentionField
        environment={environment}
        projectId={content.projectId}
        label="Your comment"
        placeholder="Write a comment; @ names a colleague"
        value={text}
        maxLength={MAX_CHARACTERS}
        onChange={change}
        onSend={send}
        field={field}
      />
      <div className="comment-about">
        {pending === null
          ? files.length > 0 && (
              <Button kind="quiet" aria-pressed={isMarking} onPress={() => setMarking(!isMarking)}>
                {onlyVideos ? <Timer aria-hidden /> : <MapPin aria-hidden />}{" "}
                {onlyVideos ? "Mark a moment" : "Mark a place"}
              </Button>
            )
          : about(marks, content)}
        {pending !== null && (
          <Button kind="quiet" isIcon aria-label="Remove the mark" onPress={() => setPending(null)}>
            <X aria-hidden />
          </Button>
        )}
      </div>
      <WhoSees value={visibility} onChange={setVisibility} />
      <ErrorNotice error={add.error} />
      <div className="comment-send">
        <span className="soft small">
          {visibility === "internal" ? "Only your team reads this." : "Who reviews at a link reads this, too."}
        </span>
        <Button type="submit" kind="plain" isDisabled={!isReady} isPending={add.isPending}>
          {visibility === "internal" ? "Comment" : "Comment to the client"}
        </Button>
      </div>
    </form>
  );
}

/** Once a place is set, what to say about it is written. */
function useFocusAfterMark(pending: Marks["pending"], field: RefObject<HTMLTextAreaElement | null>): void {
  useEffect(() => {
    if (pending !== null) field.current?.focus({ preventScroll: true });
    if (pending !== null) field.current?.scrollIntoView({ block: "nearest" });
  }, [pending, field]);
}

function about({ marks, pending }: Marks, { media }: Pick<Content, "media">) {
  if (pending === null) return null;
  const where = whereText(
    pending,
    media.map(({ id }) => id),
  );
  return (
    <span className="about-mark">
      <span className="pin begun" aria-hidden>
        {marks.length + 1}
      </span>{" "}
      Mark {marks.length + 1}
      {where !== "" && `, ${where}`}
    </span>
  );
}

interface WhoSeesProps {
  readonly value: Visibility;
  readonly onChange: (value: Visibility) => void;
}

function WhoSees({ value, onChange }: WhoSeesProps) {
  const name = useId();
  const choices = [
    { id: "internal", label: "Team only", icon: <Lock aria-hidden /> },
    { id: "external", label: "Client sees it", icon: <Eye aria-hidden /> },
  ] as const;
  return (
    <fieldset className="who-sees">
      <legend className="visually-hidden">Who sees it</legend>
      {choices.map(({ id, label, icon }) => (
        <label key={id} className={id}>
          <input type="radio" name={name} checked={value === id} onChange={() => onChange(id)} />
          {icon} {label}
        </label>
      ))}
    </fieldset>
  );
}

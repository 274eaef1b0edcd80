import { queryOptions, useQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import type { Comment, Environment } from "presswork-client";
import { type RefObject, useId } from "react";
import { useReply } from "../../comments/useReply";
import { platformsQuery } from "../../platforms/descriptions";
import { platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { SavedReplies } from "./SavedReplies";

/** How replies are counted: read once one is written. */
const counterQuery = queryOptions({
  queryKey: ["reply-counters"],
  queryFn: async ({ client }) => {
    const [{ replyCounters }] = await Promise.all([import("./replyCounters"), client.ensureQueryData(platformsQuery)]);
    return replyCounters;
  },
  staleTime: Number.POSITIVE_INFINITY,
});

interface ReplyBoxProps {
  readonly environment: Environment;
  readonly userId: string;
  readonly comment: Comment;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly onSent: (replyId: string) => void;
  readonly onManage: () => void;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

/** Where a reply is written. What is in it survives a look at other comments, and a reload. */
export function ReplyBox(props: ReplyBoxProps) {
  const { environment, userId, comment, text, onChange, onSent, onManage, field } = props;
  const id = useId();
  const counters = useQuery({ ...counterQuery, enabled: text !== "" }).data?.(text, comment.platform) ?? [];
  const isTooLong = counters.some(({ used, limit }) => used > limit);
  const ready = text.trim();
  const reply = useReply(environment, userId, comment.id, ready, onSent);
  const send = () => {
    if (ready !== "" && !isTooLong && !reply.isPending) reply.send();
  };
  const insert = (saved: string) => {
    onChange(text.trim() === "" ? saved : `${text.trimEnd()} ${saved}`);
    field.current?.focus();
  };
  return (
    <section className="reply-box" aria-label="Your reply">
      <label className="visually-hidden" htmlFor={id}>
        Reply
      </label>
      <textarea
        ref={field}
        id={id}
        className="input area"
        rows={3}
        value={text}
        placeholder={`Reply on ${platformName(comment.platform)}`}
        aria-describedby={`${id}count`}
        aria-invalid={isTooLong}
        onChange={({ target }) => onChange(target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            send();
          } else if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <div className="reply-foot">
        <SavedReplies environment={environment} projectId={comment.projectId} onInsert={insert} onManage={onManage} />
        <span className="reply-counters small" id={`${id}count`}>
          {counters.map(({ unit, used, limit }) => (
            <span key={unit} className={used > limit ? "over" : "soft"}>
              {used.toLocaleString("en")} of {limit.toLocaleString("en")} {unit === "characters" ? "" : unit}
              {used > limit && `, ${(used - limit).toLocaleString("en")} too many`}
            </span>
          ))}
        </span>
        <Button kind="primary" isDisabled={ready === "" || isTooLong} isPending={reply.isPending} onPress={send}>
          <Send aria-hidden /> Reply
        </Button>
      </div>
      {reply.error !== null && <ErrorNotice error={reply.error} />}
      {reply.standing === "same" && ready !== "" && (
        <Notice tone="warn">
          It is not known whether this was sent. Press “Reply” again: nothing is posted twice.
        </Notice>
      )}
      {reply.standing === "other" && ready !== "" && (
        <Notice tone="warn">
          It is not known whether your last reply was sent
          {reply.formerText === null ? "" : `: “${reply.formerText.slice(0, 80)}”`}. Look at the conversation before you
          send this one.
        </Notice>
      )}
    </section>
  );
}

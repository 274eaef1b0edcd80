import { Check, Eye, Lock, RotateCcw, Trash2 } from "lucide-react";
import type { Content, ContentComment, Environment } from "presswork-client";
import { useEffect, useRef } from "react";
import type { Marks } from "../content/MarksContext";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Time } from "../ui/Time";
import { whereText } from "./anchors";
import { useDiscussionWrites } from "./useDiscussionWrites";

interface OneCommentProps {
  readonly environment: Environment;
  readonly content: Pick<Content, "id" | "media">;
  readonly comment: ContentComment;
  readonly marks: Marks;
  readonly mayWrite: boolean;
  readonly isOwn: boolean;
}

/** A comment with who sees it, and the way to what it is about. */
export function OneComment({ environment, content, comment, marks, mayWrite, isOwn }: OneCommentProps) {
  const item = useRef<HTMLLIElement>(null);
  const write = useDiscussionWrites(environment, content.id);
  const { opened } = marks;
  const isOpen = opened?.mark.comment.id === comment.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time that its mark is opened
  useEffect(() => {
    if (isOpen) item.current?.scrollIntoView({ block: "nearest" });
  }, [opened]);
  const resolve = () => {
    write.mutate({ commentId: comment.id, resolved: !isResolved });
    if (isOpen) marks.open(null);
  };
  const mark = marks.marks.find((one) => one.comment.id === comment.id);
  const isResolved = comment.resolvedAt !== null;
  const files = content.media.map(({ id }) => id);
  return (
    <li ref={item} className={`said ${comment.visibility}${isOpen ? " open" : ""}`}>
      <div className="said-head">
        <strong className="cut">{isOwn ? "You" : (comment.author.name ?? nameOfKind(comment.author.kind))}</strong>
        <span className="soft small">
          <Time at={comment.createdAt} isRelative />
        </span>
        <SeenBy visibility={comment.visibility} />
      </div>
      {mark !== undefined && (
        <button type="button" className="to-mark" onClick={() => marks.open(mark)}>
          <span className={`pin ${comment.visibility}`}>{mark.number}</span>
          <span>{whereText(mark.anchor, files) || "Show the place"}</span>
          <span className="visually-hidden">: show mark {mark.number}</span>
        </button>
      )}
      <p className="long-text">{comment.text}</p>
      {(mayWrite || isOwn) && (
        <div className="said-acts">
          {mayWrite && (
            <Button kind="quiet" onPress={resolve}>
              {isResolved ? <RotateCcw aria-hidden /> : <Check aria-hidden />} {isResolved ? "Open again" : "Resolve"}
            </Button>
          )}
          {mayWrite && isOwn && (
            <Button
              kind="quiet"
              isIcon
              aria-label="Delete my comment"
              onPress={() => write.mutate({ commentId: comment.id, isDeleted: true })}
            >
              <Trash2 aria-hidden />
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

function SeenBy({ visibility }: Pick<ContentComment, "visibility">) {
  return visibility === "external" ? (
    <Badge tone="accent" icon={<Eye aria-hidden />}>
      Client sees it
    </Badge>
  ) : (
    <Badge icon={<Lock aria-hidden />}>Team only</Badge>
  );
}

function nameOfKind(kind: ContentComment["author"]["kind"]): string {
  if (kind === "user") return "A former colleague";
  return kind === "api_key" ? "A program" : "A person at a link";
}

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import { type RefObject, useEffect, useRef } from "react";
import { projectsQuery } from "../../api/projects";
import { currentStepOf, stepText } from "../../content/steps";
import { Thumbnail } from "../../content/Thumbnail";
import { Badge } from "../../ui/Badge";
import { Checkbox } from "../../ui/Checkbox";
import { exactTime, sinceTime } from "../../ui/times";
import { useNow } from "../../ui/useNow";
import { DueText } from "./DueText";
import { type Waiting, waitsSince } from "./inbox";

interface InboxRowProps {
  readonly environment: Environment;
  readonly item: Waiting;
  readonly zone: string;
  readonly isOpen: boolean;
  /** The item that was open before; undefined: none. */
  readonly formerId: RefObject<string | undefined>;
  readonly isSelected: boolean;
  readonly onToggle: (() => void) | undefined;
}

/** One row: what it is, of which project, and why it is urgent. */
export function InboxRow({ environment, item, zone, isOpen, formerId, isSelected, onToggle }: InboxRowProps) {
  const { content, dueAt, isWithAuthor } = item;
  const link = useRef<HTMLAnchorElement>(null);
  const projects = useQuery(projectsQuery(environment));
  const project = projects.data?.find(({ id }) => id === content.projectId);
  const step = currentStepOf(content);
  const name = content.caption || "Without a caption";
  useEffect(() => {
    if (!isOpen) return;
    link.current?.scrollIntoView({ block: "nearest" });
    // With the keyboard in the list, the focus follows the row that is open. The first one opens by itself, and takes none.
    const follows = formerId.current !== undefined && document.activeElement?.closest(".inbox-list");
    if (follows) link.current?.focus({ preventScroll: true });
  }, [isOpen, formerId]);
  return (
    <li className={isOpen ? "inbox-row open" : "inbox-row"}>
      {onToggle && <Checkbox aria-label={`Select ${name}`} isSelected={isSelected} onChange={onToggle} />}
      <Link
        ref={link}
        from="/$environment/approvals"
        to="/$environment/approvals"
        params={{ environment }}
        search={(before) => ({ ...before, content: content.id, note: undefined })}
        aria-current={isOpen ? "true" : undefined}
        activeProps={{}}
        resetScroll={false}
      >
        <Thumbnail content={content} />
        <span className="inbox-what">
          <strong className="cut">{name}</strong>
          <span className="soft small inbox-whose">
            <span className="cut">{project?.name}</span>
            <Since at={waitsSince(content)} zone={zone} />
          </span>
          <span className="inbox-why">
            {isWithAuthor ? <Badge>Waits for its author</Badge> : <DueText dueAt={dueAt} zone={zone} />}
            {step !== undefined && <Badge tone={item.isForMe ? "accent" : "neutral"}>{stepText(step)}</Badge>}
          </span>
        </span>
      </Link>
    </li>
  );
}

/** Since when it waits. */
function Since({ at, zone }: { readonly at: string; readonly zone: string }) {
  const instant = new Date(at);
  return (
    <time dateTime={at} title={`Waits since ${exactTime(instant, zone)}`}>
      since {sinceTime(instant, useNow(), zone)}
    </time>
  );
}

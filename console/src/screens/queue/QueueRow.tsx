import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, ScheduledPost } from "presswork-client";
import { useRef } from "react";
import { AccountName } from "../../posts/AccountName";
import { MODE_LABELS } from "../../posts/modes";
import { useZones } from "../../posts/projects";
import { postQuery } from "../../posts/queries";
import { StatusBadge } from "../../posts/StatusBadge";
import { useRowFacts } from "../../posts/useRowFacts";
import { Checkbox } from "../../ui/Checkbox";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { RowMenu } from "./RowMenu";
import { RowNote } from "./RowNote";
import type { QueueSearch } from "./search";
import type { Selection } from "./useSelection";

export interface RowProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  /** Null for a person who may only read. */
  readonly selection: Selection | null;
  readonly onAct: (change: Pick<QueueSearch, "act" | "on">) => void;
  /** Whether the list no longer has the post: it shows what became of it until the list is left alone. */
  readonly isGone: boolean;
  /** In the lane of its account, which says the rest. */
  readonly isInLane?: boolean;
  /** What the lane's head says already. */
  readonly knownReason?: string | undefined;
}

/** One post of the queue: what, where, when, how it stands, and what can be done. */
export function QueueRow({ isInLane = false, knownReason, ...props }: RowProps) {
  const { environment, selection, onAct, isGone } = props;
  const later = useQuery({ ...postQuery(environment, props.post.id), enabled: isGone });
  const post = isGone ? (later.data ?? props.post) : props.post;
  const { caption, thumbnailUrl } = useRowFacts(environment, post);
  const zone = useZones(environment)(post.projectId);
  const at = post.publishedAt ?? post.canceledAt ?? post.scheduledFor;
  const name = caption || "Without a caption";
  return (
    <li
      className={`queue-row${selection?.has(post.id) ? " selected" : ""}${isGone ? " gone" : ""}`}
      data-post={post.id}
    >
      {selection !== null && <RowCheckbox id={post.id} name={name} selection={selection} />}
      {thumbnailUrl ? (
        <img className="queue-thumbnail" src={thumbnailUrl} alt="" loading="lazy" decoding="async" />
      ) : (
        <span className="queue-thumbnail" />
      )}
      <div className="queue-what">
        <Link to="/$environment/posts/$postId" params={{ environment, postId: post.id }} className="cut">
          {caption === undefined ? (
            <>
              <Skeleton width="16em" />
              <span className="visually-hidden">Loading</span>
            </>
          ) : (
            name
          )}
        </Link>
        {(!isInLane || post.mode !== "publish") && (
          <span className="soft small queue-where">
            {!isInLane && (
              <AccountName environment={environment} socialAccountId={post.socialAccountId} platform={post.platform} />
            )}
            {post.mode !== "publish" && <span>{MODE_LABELS[post.mode]}</span>}
          </span>
        )}
        <RowNote post={post} zone={zone} knownReason={knownReason} />
      </div>
      <span className="small queue-when">
        <Time at={at} zone={zone} />
        <span className="soft">
          <Time at={at} zone={zone} isRelative />
        </span>
      </span>
      <StatusBadge post={post} />
      <RowMenu environment={environment} post={post} name={name} canChange={selection !== null} onAct={onAct} />
    </li>
  );
}

interface RowCheckboxProps {
  readonly id: string;
  readonly name: string;
  readonly selection: Selection;
}

function RowCheckbox({ id, name, selection }: RowCheckboxProps) {
  const isRange = useRef(false);
  return (
    <span
      className="queue-check"
      onPointerDownCapture={(event) => {
        isRange.current = event.shiftKey;
      }}
      onKeyDownCapture={(event) => {
        isRange.current = event.shiftKey;
      }}
    >
      <Checkbox
        aria-label={`Select ${name}`}
        isSelected={selection.has(id)}
        onChange={() => selection.toggle(id, isRange.current)}
      />
    </span>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, FoundPost, Waiting } from "presswork-client";
import { useRef } from "react";
import { useZones } from "../../api/projects";
import { accountName } from "../../platforms/platforms";
import { MODE_LABELS } from "../../posts/modes";
import { postQuery } from "../../posts/queries";
import { RowPicture } from "../../posts/RowPicture";
import { StatusBadge } from "../../posts/StatusBadge";
import { Checkbox } from "../../ui/Checkbox";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Time } from "../../ui/Time";
import "../../posts/account-name.css";
import { RowMenu } from "./RowMenu";
import { RowNote } from "./RowNote";
import type { QueueSearch } from "./search";
import type { Selection } from "./useSelection";

export interface RowProps {
  readonly environment: Environment;
  readonly post: FoundPost;
  /** Null for a person who may only read. */
  readonly selection: Selection | null;
  readonly onAct: (change: Pick<QueueSearch, "act" | "on">) => void;
  /** Whether the list no longer has the post: it shows what became of it until the list is left alone. */
  readonly isGone: boolean;
  /** In the lane of its account, which says the rest. */
  readonly isInLane?: boolean;
  /** What the lane's head says already. */
  readonly known?: Waiting | undefined;
}

/** One post of the queue: what, where, when, how it stands, and what can be done. */
export function QueueRow({ isInLane = false, known, ...props }: RowProps) {
  const { environment, selection, onAct, isGone } = props;
  const later = useQuery({ ...postQuery(environment, props.post.id), enabled: isGone });
  const post = isGone ? { ...props.post, ...later.data, waiting: null } : props.post;
  const { caption, thumbnailUrl, account } = post;
  const zone = useZones(environment)(post.projectId);
  const at = post.publishedAt ?? post.canceledAt ?? post.scheduledFor;
  const name = caption || "Without a caption";
  return (
    <li
      className={`queue-row${selection?.has(post.id) ? " selected" : ""}${isGone ? " gone" : ""}`}
      data-post={post.id}
    >
      {selection !== null && <RowCheckbox id={post.id} name={name} selection={selection} />}
      <RowPicture className="queue-thumbnail" url={thumbnailUrl} />
      <div className="queue-what">
        <Link to="/$environment/posts/$postId" params={{ environment, postId: post.id }} className="cut">
          {name}
        </Link>
        {(!isInLane || post.mode !== "publish") && (
          <span className="soft small queue-where">
            {!isInLane && (
              <span className="account-name">
                <PlatformIcon platform={post.platform} />
                <span className="cut">{accountName(post.platform, account.handle)}</span>
              </span>
            )}
            {post.mode !== "publish" && <span>{MODE_LABELS[post.mode]}</span>}
          </span>
        )}
      </div>
      <RowNote post={post} zone={zone} known={known} />
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

import type { CalendarDate } from "@internationalized/date";
import { Link } from "@tanstack/react-router";
import type { Environment, FoundPost, Waiting } from "presswork-client";
import { accountName } from "../../platforms/platforms";
import { MODE_LABELS } from "../../posts/modes";
import { RowPicture } from "../../posts/RowPicture";
import { isOutcomeUnknown, StatusBadge } from "../../posts/StatusBadge";
import { PlatformIcon } from "../../ui/PlatformIcon";
import "../../posts/account-name.css";
import { RowCheckbox } from "./RowCheckbox";
import { RowMenu } from "./RowMenu";
import { RowNote } from "./RowNote";
import { RowTime } from "./RowTime";
import type { QueueSearch } from "./search";
import type { Selection } from "./useSelection";

/** What all rows need. */
export interface RowContext {
  readonly environment: Environment;
  /** Null for a person who may only read. */
  readonly selection: Selection | null;
  readonly onAct: (change: Pick<QueueSearch, "act" | "on">) => void;
  /** The posts that the list no longer has: they show what became of them until the list is left alone. */
  readonly gone: ReadonlySet<string>;
  readonly zoneOf: (projectId: string) => string;
}

interface PostRowProps {
  readonly context: RowContext;
  readonly post: FoundPost;
  /** In a row that has several posts, the account names the post; in a lane, its head says the account. */
  readonly place?: "list" | "group" | "lane";
  /** What the lane's head says already. */
  readonly known?: Waiting | undefined;
  /** The day of the heading above it. */
  readonly day?: CalendarDate | undefined;
}

/** One post: what, where, when, how it stands if that is not plain, and what can be done. */
export function PostRow({ context, post, place = "list", known, day }: PostRowProps) {
  const { environment, selection, gone, zoneOf } = context;
  const isGone = gone.has(post.id);
  const account = accountName(post.platform, post.account.handle);
  const name = place === "group" ? account : post.caption || "Without a caption";
  const isPlain = !isGone && ((post.status === "queued" && post.gateStatus === null) || hasFailedPlainly(post));
  return (
    <li>
      <div
        className={`queue-row in-${place}${selection?.has(post.id) ? " selected" : ""}${isGone ? " gone" : ""}`}
        data-posts={post.id}
      >
        {selection !== null && <RowCheckbox ids={[post.id]} name={name} selection={selection} />}
        {place !== "group" && <RowPicture className="queue-thumbnail" url={post.thumbnailUrl} />}
        <div className="queue-what">
          <Link className="row-name" to="/$environment/posts/$postId" params={{ environment, postId: post.id }}>
            {place === "group" && <PlatformIcon platform={post.platform} />}
            <span className="cut">{name}</span>
          </Link>
          <RowNote post={post} known={known} />
        </div>
        <span className="soft small queue-where">
          {place === "list" && (
            <span className="account-name">
              <PlatformIcon platform={post.platform} />
              <span className="cut">{account}</span>
            </span>
          )}
          {post.mode !== "publish" && <span>{MODE_LABELS[post.mode]}</span>}
        </span>
        <span className="queue-state">{!isPlain && <StatusBadge post={post} />}</span>
        <RowTime
          at={post.publishedAt ?? post.canceledAt ?? post.scheduledFor}
          zone={zoneOf(post.projectId)}
          day={day}
        />
        <RowMenu context={context} posts={[post]} name={name} isOneOfSeveral={place === "group"} />
      </div>
    </li>
  );
}

/** Whether its note says all: it failed, and is not live. */
function hasFailedPlainly(post: FoundPost): boolean {
  return post.status === "failed" && post.lastError !== null && !isOutcomeUnknown(post);
}

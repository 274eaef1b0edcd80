import type { ScheduledPost } from "presswork-client";
import { useState } from "react";
import { AccountName } from "../../posts/AccountName";
import { countOf } from "../../posts/actions/actions";
import { useZones } from "../../posts/projects";
import { waitingOf } from "../../posts/waitingOf";
import { Button } from "../../ui/Button";
import { useNow } from "../../ui/useNow";
import { QueueRow, type RowProps } from "./QueueRow";
import { WaitingNote } from "./RowNote";

const SHOWN = 5;

interface LanesProps extends Omit<RowProps, "post" | "isGone" | "isInLane" | "knownReason"> {
  readonly posts: readonly ScheduledPost[];
  readonly hasMore: boolean;
  readonly gone: ReadonlySet<string>;
}

/** A lane for each account: its posts in order, and why they wait. */
export function Lanes({ posts, ...props }: LanesProps) {
  const lanes = new Map<string, ScheduledPost[]>();
  for (const post of posts) lanes.set(post.socialAccountId, [...(lanes.get(post.socialAccountId) ?? []), post]);
  return (
    <ul className="lanes" aria-label="Accounts">
      {[...lanes].map(([socialAccountId, some]) => (
        <Lane key={socialAccountId} posts={some} {...props} />
      ))}
    </ul>
  );
}

function Lane({ posts, hasMore, gone, ...props }: LanesProps) {
  const [isOpen, setOpen] = useState(false);
  const now = useNow();
  const zoneOf = useZones(props.environment);
  const [first] = posts;
  if (first === undefined) return null;
  const waiting = posts.map((post) => waitingOf(post, now)).find((one) => one !== null);
  const shown = isOpen ? posts : posts.slice(0, SHOWN);
  return (
    <li className="panel lane">
      <header>
        <strong>
          <AccountName
            environment={props.environment}
            socialAccountId={first.socialAccountId}
            platform={first.platform}
          />
        </strong>
        <span className="soft small">
          {countOf(posts)}
          {hasMore && " so far"}
        </span>
        {waiting && <WaitingNote {...waiting} zone={zoneOf(first.projectId)} />}
      </header>
      <ul>
        {shown.map((post) => (
          <QueueRow
            key={post.id}
            post={post}
            {...props}
            isGone={gone.has(post.id)}
            isInLane
            knownReason={waiting?.reason}
          />
        ))}
      </ul>
      {posts.length > SHOWN && (
        <Button kind="quiet" onPress={() => setOpen(!isOpen)}>
          {isOpen ? "Show fewer" : `Show ${posts.length - SHOWN} more`}
        </Button>
      )}
    </li>
  );
}

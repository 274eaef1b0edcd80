import type { FoundPost } from "presswork-client";
import { useState } from "react";
import { useZones } from "../../api/projects";
import { accountName } from "../../platforms/platforms";
import { countOf } from "../../posts/actions/actions";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { QueueRow, type RowProps } from "./QueueRow";
import { WaitingNote } from "./RowNote";

const SHOWN = 5;

interface LanesProps extends Omit<RowProps, "post" | "isGone" | "isInLane" | "known"> {
  readonly posts: readonly FoundPost[];
  readonly hasMore: boolean;
  readonly gone: ReadonlySet<string>;
}

/** A lane for each account: its posts in order, and why they wait. */
export function Lanes({ posts, ...props }: LanesProps) {
  const lanes = new Map<string, FoundPost[]>();
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
  const zoneOf = useZones(props.environment);
  const [first] = posts;
  if (first === undefined) return null;
  const waits = posts.flatMap(({ waiting }) => waiting ?? []);
  const known = waits.find(({ behind }) => behind === null) ?? waits[0];
  const shown = isOpen ? posts : posts.slice(0, SHOWN);
  return (
    <li className="panel lane">
      <header>
        <strong className="account-name">
          <PlatformIcon platform={first.platform} />
          <span className="cut">{accountName(first.platform, first.account.handle)}</span>
          {first.account.status === "reauth_required" && <Badge tone="warn">connect again</Badge>}
        </strong>
        <span className="soft small">
          {countOf(posts)}
          {hasMore && " so far"}
        </span>
        {known && <WaitingNote waiting={known} platform={first.platform} zone={zoneOf(first.projectId)} />}
      </header>
      <ul>
        {shown.map((post) => (
          <QueueRow key={post.id} post={post} {...props} isGone={gone.has(post.id)} isInLane known={known} />
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

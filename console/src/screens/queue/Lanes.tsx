import type { FoundPost } from "presswork-client";
import { useState } from "react";
import { accountName } from "../../platforms/platforms";
import { countOf } from "../../posts/actions/actions";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { PostRow, type RowContext } from "./PostRow";
import { WaitingNote } from "./RowNote";

const SHOWN = 5;

interface LanesProps {
  readonly context: RowContext;
  readonly posts: readonly FoundPost[];
  readonly hasMore: boolean;
}

/** A lane for each account: its posts in order, and why they wait. */
export default function Lanes({ posts, ...props }: LanesProps) {
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

function Lane({ context, posts, hasMore }: LanesProps) {
  const [isOpen, setOpen] = useState(false);
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
        {known && <WaitingNote waiting={known} platform={first.platform} />}
      </header>
      <ul>
        {shown.map((post) => (
          <PostRow key={post.id} context={context} post={post} place="lane" known={known} />
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

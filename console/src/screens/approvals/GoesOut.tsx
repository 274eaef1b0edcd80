import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Content, Environment, FoundPost } from "presswork-client";
import type { ReactNode } from "react";
import { intentsQuery, postsOfContentQuery } from "../../content/queries";
import { Targets } from "../../content/Targets";
import { livePageOf } from "../../posts/livePage";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { useNow } from "../../ui/useNow";

interface GoesOutProps {
  readonly environment: Environment;
  readonly content: Content;
  readonly zone: string;
}

/** When and where content goes out: what waits for its approval, and what no longer does. */
export function GoesOut({ environment, content, zone }: GoesOutProps) {
  const intents = useQuery(intentsQuery(environment, content.id));
  const posts = useQuery(postsOfContentQuery(environment, content.id));
  if (intents.isPending || posts.isPending) return <SkeletonRows rows={2} />;
  const held = (posts.data ?? []).filter((post) => post.gateStatus !== null);
  const going = (posts.data ?? []).filter(({ gateStatus, status }) => gateStatus === null && GOING.has(status));
  const calls = [
    ...(intents.data ?? []).map(({ id, scheduledFor, targets }) => ({ id, scheduledFor, targets })),
    ...held.map((post) => ({ id: post.id, scheduledFor: post.scheduledFor, targets: [post] })),
  ].toSorted((one, other) => Date.parse(one.scheduledFor) - Date.parse(other.scheduledFor));
  if (calls.length === 0 && going.length === 0) {
    const isPending = content.approvalStatus === "pending";
    return (
      <p className="soft">
        {isPending ? "No time yet. After the approval, someone publishes or schedules it." : "Nothing is scheduled."}
      </p>
    );
  }
  return (
    <ul className="goes-out">
      {calls.map(({ id, scheduledFor, targets }) => (
        <li key={id}>
          <When at={scheduledFor} zone={zone} late="Right after it is approved" />
          <Targets environment={environment} targets={targets} content={content} />
        </li>
      ))}
      {going.map((post) => (
        <li key={post.id}>
          <Outcome environment={environment} post={post} zone={zone} />
          <Targets environment={environment} targets={[post]} content={content} />
        </li>
      ))}
    </ul>
  );
}

const GOING: ReadonlySet<string> = new Set(["queued", "publishing", "published", "draft"]);

/** What became of a post so far, with a way to see it. */
function Outcome({
  environment,
  post,
  zone,
}: {
  readonly environment: Environment;
  readonly post: FoundPost;
  readonly zone: string;
}) {
  const page = livePageOf(post);
  return (
    <>
      {post.status === "queued" && <When at={post.scheduledFor} zone={zone} late="Going out now" />}
      {post.status !== "queued" && (
        <p>
          <strong>{STATES[post.status]}</strong>
        </p>
      )}
      <p className="small">
        <Link to="/$environment/posts/$postId" params={{ environment, postId: post.id }}>
          Open the post
        </Link>
        {page !== null && (
          <>
            {" · "}
            <a href={page.url} target="_blank" rel="noreferrer">
              {page.label}
            </a>
          </>
        )}
      </p>
    </>
  );
}

const STATES: Readonly<Record<string, string>> = {
  publishing: "Going out now",
  published: "Is out",
  draft: "Sent as a draft",
};

function When({ at, zone, late }: { readonly at: string; readonly zone: string; readonly late: string }): ReactNode {
  if (new Date(at) <= useNow()) {
    return (
      <p>
        <strong>{late}</strong>
      </p>
    );
  }
  return (
    <p>
      <strong>
        <Time at={at} zone={zone} />
      </strong>{" "}
      <span className="soft">
        <Time at={at} zone={zone} isRelative />
      </span>
    </p>
  );
}

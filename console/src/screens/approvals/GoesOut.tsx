import { useQuery } from "@tanstack/react-query";
import type { Content, Environment } from "presswork-client";
import type { ReactNode } from "react";
import { intentsQuery, postsOfContentQuery } from "../../content/queries";
import { Targets } from "../../content/Targets";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { useNow } from "../../ui/useNow";

interface GoesOutProps {
  readonly environment: Environment;
  readonly content: Content;
  readonly zone: string;
}

/** When and where content goes out once it is approved. */
export function GoesOut({ environment, content, zone }: GoesOutProps) {
  const intents = useQuery(intentsQuery(environment, content.id));
  const posts = useQuery(postsOfContentQuery(environment, content.id));
  if (intents.isPending || posts.isPending) return <SkeletonRows rows={2} />;
  const held = (posts.data ?? []).filter((post) => post.gateStatus !== null);
  const calls = [
    ...(intents.data ?? []).map(({ id, scheduledFor, targets }) => ({ id, scheduledFor, targets })),
    ...held.map((post) => ({ id: post.id, scheduledFor: post.scheduledFor, targets: [post] })),
  ].toSorted((one, other) => Date.parse(one.scheduledFor) - Date.parse(other.scheduledFor));
  if (calls.length === 0) {
    return <p className="soft">No time yet. After the approval, someone publishes or schedules it.</p>;
  }
  return (
    <ul className="goes-out">
      {calls.map(({ id, scheduledFor, targets }) => (
        <li key={id}>
          <When at={scheduledFor} zone={zone} />
          <Targets environment={environment} targets={targets} content={content} />
        </li>
      ))}
    </ul>
  );
}

function When({ at, zone }: { readonly at: string; readonly zone: string }): ReactNode {
  const isOver = new Date(at) <= useNow();
  return (
    <p>
      <strong>
        <Time at={at} zone={zone} />
      </strong>{" "}
      <span className="soft">
        {isOver ? "is over: it goes out as soon as it is approved" : <Time at={at} zone={zone} isRelative />}
      </span>
    </p>
  );
}

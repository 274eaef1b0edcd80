import type { Environment, ScheduledPost } from "presswork-client";
import { Notice } from "../../ui/Notice";
import { countOf } from "./actions";
import { PostName } from "./PostName";

const NAMED = 5;

interface SkippedProps {
  readonly environment: Environment;
  readonly posts: readonly ScheduledPost[];
  /** Why a post is left out; null for one that is not. */
  readonly reasonOf: (post: ScheduledPost) => string | null;
  /** Whether there is only one post, which then is the one that can't be changed. */
  readonly isAlone: boolean;
}

/** Which of the posts are left out, and why. */
export function Skipped({ environment, posts, reasonOf, isAlone }: SkippedProps) {
  const byReason = new Map<string, readonly ScheduledPost[]>();
  for (const post of posts) {
    const reason = reasonOf(post);
    if (reason !== null) byReason.set(reason, [...(byReason.get(reason) ?? []), post]);
  }
  if (byReason.size === 0) return null;
  if (isAlone) return <Notice tone="warn">This can't be done with the post now: {[...byReason.keys()][0]}.</Notice>;
  const skipped = [...byReason.values()].flat();
  return (
    <Notice tone="warn" title={`${countOf(skipped)} will be skipped`}>
      <ul className="skipped">
        {[...byReason].map(([reason, some]) => (
          <li key={reason}>
            {some.slice(0, NAMED).map((post, position) => (
              <span key={post.id}>
                {position > 0 && ", "}
                <PostName environment={environment} postId={post.id} post={post} />
              </span>
            ))}
            {some.length > NAMED && ` and ${some.length - NAMED} more`}: {reason}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Content, Environment, FoundPost } from "presswork-client";
import { intentsQuery, postsOfContentQuery } from "../../content/queries";
import { OwnTexts, Targets } from "../../content/Targets";
import { AccountName } from "../../posts/AccountName";
import { livePageOf } from "../../posts/livePage";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { useNow } from "../../ui/useNow";
import { goingOut } from "./goingOut";

interface GoesOutProps {
  readonly environment: Environment;
  readonly content: Content;
  readonly zone: string;
}

/** When and where content goes out: what waits for its approval, and what no longer does. */
export function GoesOut({ environment, content, zone }: GoesOutProps) {
  const now = useNow();
  const intents = useQuery(intentsQuery(environment, content.id));
  const posts = useQuery(postsOfContentQuery(environment, content.id));
  if (intents.isPending || posts.isPending) return <SkeletonRows rows={2} />;
  const held = (posts.data ?? []).filter((post) => post.gateStatus !== null);
  const going = goingOut(posts.data ?? [], now);
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
          <p>
            <strong className="sentence">
              {new Date(scheduledFor) <= now ? (
                "Right after it is approved"
              ) : (
                <Time at={scheduledFor} zone={zone} isDay />
              )}
            </strong>
          </p>
          <Targets environment={environment} targets={targets} content={content} />
        </li>
      ))}
      {going.map(({ text, at, posts: some }) => (
        <li key={`${text} ${at}`}>
          <p>
            <strong>
              {text}
              {at !== null && (
                <>
                  {" "}
                  <Time at={at} zone={zone} isDay />
                </>
              )}
            </strong>
          </p>
          <ul className="targets">
            {some.map((post) => (
              <li key={post.id}>
                <GoingPost environment={environment} post={post} />
                <OwnTexts target={post} content={content} />
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

/** The account of a post as a link to the post, and a way to see it where it is live. */
function GoingPost({ environment, post }: { readonly environment: Environment; readonly post: FoundPost }) {
  const page = livePageOf(post);
  return (
    <span className="going-post">
      <Link to="/$environment/posts/$postId" params={{ environment, postId: post.id }}>
        <AccountName
          environment={environment}
          socialAccountId={post.socialAccountId}
          platform={post.platform}
          handle={post.account.handle}
        />
      </Link>
      {page !== null && (
        <a className="small" href={page.url} target="_blank" rel="noreferrer">
          {page.label}
        </a>
      )}
    </span>
  );
}

import { useQuery } from "@tanstack/react-query";
import type { Environment, FoundPost } from "presswork-client";
import { postsOfContentQuery } from "../../content/queries";
import { jointState } from "../../posts/groups";
import { PostMarks } from "../../posts/PostMarks";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { postsByTime } from "./postsByTime";

interface PostsOfContentProps {
  readonly environment: Environment;
  readonly containerId: string;
  readonly zone: string | undefined;
}

/** The posts that were made of content, by the time for which they are or were planned, with one state for all of a time. */
export function PostsOfContent({ environment, containerId, zone }: PostsOfContentProps) {
  const posts = useQuery(postsOfContentQuery(environment, containerId));
  return (
    <section className="panel content-part" aria-labelledby="content-posts">
      <h2 id="content-posts">Posts</h2>
      {posts.isPending && <SkeletonRows rows={2} />}
      {posts.isError && <ErrorNotice error={posts.error} />}
      {posts.data?.length === 0 && <p className="soft">It was not published or scheduled yet.</p>}
      <ul className="content-posts">
        {postsByTime(posts.data ?? []).map(({ at, posts: some }) => (
          <PostsAtATime key={at} environment={environment} at={at} posts={some} zone={zone} />
        ))}
      </ul>
    </section>
  );
}

interface PostsAtATimeProps {
  readonly environment: Environment;
  readonly at: string;
  readonly posts: readonly FoundPost[];
  readonly zone: string | undefined;
}

function PostsAtATime({ environment, at, posts, zone }: PostsAtATimeProps) {
  const { text, tone } = jointState(posts);
  return (
    <li>
      <span className="content-posts-head">
        <strong className="sentence">
          <Time at={at} zone={zone} isDay />
        </strong>
        <span className={`small content-posts-state ${tone}`}>{text}</span>
      </span>
      <PostMarks environment={environment} posts={posts} label="Accounts" />
    </li>
  );
}

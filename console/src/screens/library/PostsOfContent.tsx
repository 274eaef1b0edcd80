import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import { postsOfContentQuery } from "../../content/queries";
import { AccountName } from "../../posts/AccountName";
import { StatusBadge } from "../../posts/StatusBadge";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";

interface PostsOfContentProps {
  readonly environment: Environment;
  readonly containerId: string;
  readonly zone: string | undefined;
}

/** The posts that were made of content, with their states. */
export function PostsOfContent({ environment, containerId, zone }: PostsOfContentProps) {
  const posts = useQuery(postsOfContentQuery(environment, containerId));
  return (
    <section className="panel content-part" aria-labelledby="content-posts">
      <h2 id="content-posts">Posts</h2>
      {posts.isPending && <SkeletonRows rows={2} />}
      {posts.isError && <ErrorNotice error={posts.error} />}
      {posts.data?.length === 0 && <p className="soft">It was not published or scheduled yet.</p>}
      <ul className="content-posts">
        {posts.data?.map((post) => (
          <li key={post.id}>
            <Link to="/$environment/posts/$postId" params={{ environment, postId: post.id }}>
              <AccountName
                environment={environment}
                socialAccountId={post.socialAccountId}
                platform={post.platform}
                handle={post.account.handle}
              />
            </Link>
            <span className="soft small">
              <Time at={post.publishedAt ?? post.scheduledFor} zone={zone} />
            </span>
            <StatusBadge post={post} />
          </li>
        ))}
      </ul>
    </section>
  );
}

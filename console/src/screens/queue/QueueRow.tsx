import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Content, Environment, ScheduledPost } from "presswork-client";
import { AccountName } from "../../posts/AccountName";
import { contentQuery } from "../../posts/queries";
import { StatusBadge } from "../../posts/StatusBadge";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";

interface QueueRowProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
}

/** One post of the queue: what, where, when, and how it stands. */
export function QueueRow({ environment, post }: QueueRowProps) {
  const content = useQuery(contentQuery(environment, post.containerId));
  const caption = post.captionOverride ?? content.data?.caption;
  return (
    <li className="queue-row">
      <Thumbnail content={content.data} />
      <div className="queue-what">
        <Link to="/$environment/posts/$postId" params={{ environment, postId: post.id }} className="cut">
          {caption === undefined ? <Skeleton width="16em" /> : caption || "Without a caption"}
        </Link>
        <span className="soft small">
          <AccountName environment={environment} socialAccountId={post.socialAccountId} platform={post.platform} />
          {post.mode !== "publish" && ` · ${post.mode}`}
        </span>
        {post.lastError !== null && <span className="small cut queue-error">{post.lastError.message}</span>}
      </div>
      <span className="soft small queue-when">
        <Time at={post.publishedAt ?? post.scheduledFor} isRelative />
      </span>
      <StatusBadge post={post} />
    </li>
  );
}

function Thumbnail({ content }: { readonly content: Content | undefined }) {
  const url = content?.media[0]?.thumbnailUrl;
  return url ? (
    <img className="queue-thumbnail" src={url} alt="" loading="lazy" decoding="async" />
  ) : (
    <span className="queue-thumbnail" />
  );
}

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import { useEffect, useRef } from "react";
import { AccountName } from "../../posts/AccountName";
import { livePageOf } from "../../posts/livePage";
import { postQuery } from "../../posts/queries";
import { StatusBadge } from "../../posts/StatusBadge";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import "./posted.css";

interface PostedProps {
  readonly environment: Environment;
  /** Ids of posts, or what became of content without posts. */
  readonly postIds: readonly string[] | "review" | "kept";
  readonly zone: string | undefined;
  readonly onAgain: () => void;
  readonly onCode: (() => void) | null;
}

/** What became of the call: the posts, live, or that an approver is asked. */
export function Posted({ environment, postIds, zone, onAgain, onCode }: PostedProps) {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    // The button that had the focus is gone with the form.
    if (document.activeElement === document.body) place.current?.focus({ preventScroll: true });
  }, []);
  return (
    <section ref={place} className="posted" aria-label="What became of it" tabIndex={-1}>
      {postIds === "review" ? (
        <Notice tone="good" title="It waits for an approver.">
          Once it is approved, its posts appear in the queue.
        </Notice>
      ) : postIds === "kept" ? (
        <Notice tone="good" title="It is in the library.">
          A publisher can send it from there.
        </Notice>
      ) : (
        <Notice
          tone="good"
          title={postIds.length === 1 ? "The post is on its way." : `${postIds.length} posts are on their way.`}
        >
          {postIds.length === 1 ? "Its" : "Their"} progress appears here by itself.
        </Notice>
      )}
      {typeof postIds !== "string" && (
        <ul className="panel posted-list">
          {postIds.map((postId) => (
            <PostedRow key={postId} environment={environment} postId={postId} zone={zone} />
          ))}
        </ul>
      )}
      <div className="posted-actions">
        <Link className="button plain" to="/$environment/queue" params={{ environment }}>
          Open the queue
        </Link>
        {onCode !== null && <Button onPress={onCode}>Copy as code</Button>}
        <Button kind="primary" onPress={onAgain}>
          Compose another
        </Button>
      </div>
    </section>
  );
}

interface PostedRowProps {
  readonly environment: Environment;
  readonly postId: string;
  readonly zone: string | undefined;
}

function PostedRow({ environment, postId, zone }: PostedRowProps) {
  const { data: post, error } = useQuery(postQuery(environment, postId));
  if (post === undefined) {
    return <li>{error === null ? <Skeleton width="60%" /> : <ErrorNotice error={error} />}</li>;
  }
  const page = livePageOf(post);
  return (
    <li>
      <AccountName environment={environment} socialAccountId={post.socialAccountId} platform={post.platform} />
      <span className="soft small">
        <Time at={post.publishedAt ?? post.scheduledFor} zone={zone} />
      </span>
      <StatusBadge post={post} />
      <Link to="/$environment/posts/$postId" params={{ environment, postId }}>
        Open the post
      </Link>
      {page !== null && (
        <a href={page.url} target="_blank" rel="noreferrer">
          {page.label}
        </a>
      )}
      {post.lastError !== null && <p className="small posted-error">{post.lastError.message}</p>}
    </li>
  );
}

import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, ScheduledPost } from "presswork-client";
import { useEffect, useRef } from "react";
import { AccountName } from "../../posts/AccountName";
import { failureSentence } from "../../posts/failureSentence";
import { livePageOf } from "../../posts/livePage";
import { postQuery } from "../../posts/queries";
import { StatusBadge } from "../../posts/StatusBadge";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { useNow } from "../../ui/useNow";
import "./posted.css";
import { hasFailed, postedSentence } from "./postedSentence";

interface PostedProps {
  readonly environment: Environment;
  /** Ids of posts, or what became of content without posts. */
  readonly postIds: readonly string[] | "review" | "kept" | "series";
  readonly zone: string | undefined;
  readonly onAgain: () => void;
  readonly onCode: (() => void) | null;
}

/** What became of the call: the posts, each with its state and its link, or that an approver is asked. */
export default function Posted({ environment, postIds, zone, onAgain, onCode }: PostedProps) {
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
      ) : postIds === "series" ? (
        <Notice tone="good" title="It goes out again and again.">
          Its posts are in the queue for the next five weeks, each to be moved or skipped.
        </Notice>
      ) : postIds === "kept" ? (
        <Notice tone="good" title="It is in the library.">
          A publisher can send it from there.
        </Notice>
      ) : (
        <PostedPosts environment={environment} postIds={postIds} zone={zone} />
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

interface PostedPostsProps extends Pick<PostedProps, "environment" | "zone"> {
  readonly postIds: readonly string[];
}

function PostedPosts({ environment, postIds, zone }: PostedPostsProps) {
  const reads = useQueries({ queries: postIds.map((postId) => postQuery(environment, postId)) });
  const posts = reads.flatMap(({ data }) => data ?? []);
  const now = useNow();
  return (
    <>
      <Notice tone={hasFailed(posts) ? "warn" : "good"} title={postedSentence(posts, postIds.length, now)} />
      <ul className="panel posted-list">
        {postIds.map((postId, place) => (
          <PostedRow
            key={postId}
            {...{ environment, zone }}
            post={reads[place]?.data}
            error={reads[place]?.error ?? null}
          />
        ))}
      </ul>
    </>
  );
}

interface PostedRowProps extends Pick<PostedProps, "environment" | "zone"> {
  readonly post: ScheduledPost | undefined;
  readonly error: Error | null;
}

function PostedRow({ environment, zone, post, error }: PostedRowProps) {
  if (post === undefined) {
    return <li>{error === null ? <Skeleton width="60%" /> : <ErrorNotice error={error} />}</li>;
  }
  const page = livePageOf(post);
  return (
    <li>
      <AccountName environment={environment} socialAccountId={post.socialAccountId} platform={post.platform} />
      <StatusBadge post={post} />
      <span className="soft small posted-time">
        <Time at={post.publishedAt ?? post.scheduledFor} zone={zone} />
      </span>
      <span className="posted-links">
        <Link to="/$environment/posts/$postId" params={{ environment, postId: post.id }}>
          Open the post
        </Link>
        {page !== null && (
          <a href={page.url} target="_blank" rel="noreferrer">
            {page.label}
          </a>
        )}
      </span>
      {post.lastError !== null && (
        <p className="small posted-error">{failureSentence(post.lastError, post.platform)}</p>
      )}
    </li>
  );
}

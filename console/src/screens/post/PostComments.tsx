import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, ScheduledPost } from "presswork-client";
import { CommentThreads, type ThreadContext } from "../../comments/CommentThreads";
import { threadsOf } from "../../comments/threads";
import { useCommentsOfPost } from "../../comments/useCommentsOfPost";
import { platformsQuery } from "../../platforms/descriptions";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { useSeen } from "../../ui/useSeen";

interface PostCommentsProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly zone: string;
}

/** The comments of a live post, which the inbox answers. Nothing on a network that shows programs none. */
export default function PostComments(props: PostCommentsProps) {
  const platforms = useQuery(platformsQuery);
  const isOffered = platforms.data?.find(({ name }) => name === props.post.platform)?.capabilities.comments;
  return isOffered ? <Part {...props} /> : null;
}

/** Its comments are read once it is near the screen. */
function Part(props: PostCommentsProps) {
  const [part, isSeen] = useSeen<HTMLElement>();
  return (
    <section className="post-thread" aria-labelledby="post-comments" ref={part}>
      <h3 id="post-comments">Comments</h3>
      {isSeen && <List {...props} />}
    </section>
  );
}

function List({ environment, post, zone }: PostCommentsProps) {
  const list = useCommentsOfPost(environment, post.id);
  const context: ThreadContext = {
    zone,
    linkOf: ({ id }, name) => (
      <Link to="/$environment/comments" params={{ environment }} search={{ view: "all", post: post.id, comment: id }}>
        {name}
      </Link>
    ),
  };
  return (
    <>
      {list.isPending && <SkeletonRows rows={2} />}
      {list.error !== null && <ErrorNotice error={list.error} />}
      {!list.isPending && list.error === null && list.rows.length === 0 && <p className="soft">None yet.</p>}
      <CommentThreads label="Comments" context={context} threads={threadsOf(list.rows)} />
      {list.hasMore && (
        <Button isPending={list.isFetchingMore} onPress={list.fetchMore}>
          Show more
        </Button>
      )}
      {list.rows.length > 0 && (
        <p className="small">
          <Link to="/$environment/comments" params={{ environment }} search={{ view: "all", post: post.id }}>
            Answer them in the inbox
          </Link>
        </p>
      )}
    </>
  );
}

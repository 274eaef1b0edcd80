import type { ScheduledPost } from "presswork-client";
import { optionsOf } from "../../posts/optionsOf";
import { CopyButton } from "../../ui/CopyButton";
import { Fact, Facts } from "../../ui/Facts";
import { Time } from "../../ui/Time";

const MODES = {
  publish: "Straight to the feed",
  draft: "To the creator's phone",
  managed: "Through a provider",
} as const;

const COMMENTS = {
  posted: "Posted",
  failed: "Not posted: the timeline says why",
  unsupported: "Not possible on this post",
} as const;

const KINDS: Readonly<Record<string, string>> = { thumbnail: "Thumbnail", playlist: "Playlist", caption: "Captions" };

interface PostAdditionsProps {
  readonly post: ScheduledPost;
  /** The first comment that the account gets; empty: none. */
  readonly comment: string;
}

/** What is added to the live post, each with its outcome. Nothing without any. */
export function PostAdditions({ post, comment }: PostAdditionsProps) {
  if (comment === "" && post.firstCommentStatus === null && post.extras.length === 0) return null;
  return (
    <section aria-label="Additions">
      <Facts>
        <Fact name="First comment">
          {(comment !== "" || post.firstCommentStatus !== null) && (
            <>
              {post.firstCommentStatus !== null && <span className="soft">{COMMENTS[post.firstCommentStatus]}</span>}
              {comment !== "" && <p className="post-text">{comment}</p>}
            </>
          )}
        </Fact>
        {post.extras.map(({ kind, subject, status, message }) => (
          <Fact key={`${kind} ${subject}`} name={KINDS[kind] ?? kind}>
            {kind === "caption" && `${subject}: `}
            {status === "pending" ? "being added" : message}
          </Fact>
        ))}
      </Facts>
    </section>
  );
}

interface PostFactsProps {
  readonly post: ScheduledPost;
  readonly zone: string;
}

/** How the post goes out and when, with its options and ids. */
export function PostFacts({ post, zone }: PostFactsProps) {
  return (
    <Facts>
      <Fact name="How">{MODES[post.mode]}</Fact>
      <Fact name="Planned for">
        <Time at={post.scheduledFor} zone={zone} />
      </Fact>
      <Fact name="Published">{post.publishedAt && <Time at={post.publishedAt} zone={zone} />}</Fact>
      <Fact name="Canceled">{post.canceledAt && <Time at={post.canceledAt} zone={zone} />}</Fact>
      {optionsOf(post).map(([name, value]) => (
        <Fact key={name} name={name}>
          {value}
        </Fact>
      ))}
      <Fact name="Platform's id">{post.externalId && <code>{post.externalId}</code>}</Fact>
      <Fact name="Id">
        <code>{post.id}</code> <CopyButton text={post.id} what="the id of the post" />
      </Fact>
    </Facts>
  );
}

import type { Environment, ScheduledPost } from "presswork-client";
import { AccountName } from "../../posts/AccountName";
import { optionsOf } from "../../posts/optionsOf";
import { CopyButton } from "../../ui/CopyButton";
import { Fact, Facts } from "../../ui/Facts";
import { Time } from "../../ui/Time";

const MODES = {
  publish: "Straight to the feed",
  draft: "Draft on the creator's phone",
  managed: "Through the managed provider",
} as const;

const COMMENTS = {
  posted: "Posted",
  failed: "Failed: see the timeline",
  unsupported: "Not possible on this post",
} as const;

const KINDS: Readonly<Record<string, string>> = { thumbnail: "Thumbnail", playlist: "Playlist", caption: "Captions" };

interface PostFactsProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly zone: string;
}

/** Where the post goes, how and when, with its options and ids. */
export function PostFacts({ environment, post, zone }: PostFactsProps) {
  return (
    <Facts>
      <Fact name="Account">
        <AccountName environment={environment} socialAccountId={post.socialAccountId} platform={post.platform} />
      </Fact>
      <Fact name="How">{MODES[post.mode]}</Fact>
      <Fact name="Due">
        <Time at={post.scheduledFor} zone={zone} />
      </Fact>
      <Fact name="Published">{post.publishedAt && <Time at={post.publishedAt} zone={zone} />}</Fact>
      <Fact name="Canceled">{post.canceledAt && <Time at={post.canceledAt} zone={zone} />}</Fact>
      <Fact name="First comment">{post.firstCommentStatus && COMMENTS[post.firstCommentStatus]}</Fact>
      {post.extras.map(({ kind, subject, status, message }) => (
        <Fact key={`${kind} ${subject}`} name={KINDS[kind] ?? kind}>
          {kind === "caption" && `${subject}: `}
          {status === "pending" ? "being added" : message}
        </Fact>
      ))}
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

import { Play, TextAlignStart } from "lucide-react";
import type { SandboxPost } from "presswork-client";
import { accountName } from "../../../platforms/platforms";
import { PlatformIcon } from "../../../ui/PlatformIcon";
import { Time } from "../../../ui/Time";

const KINDS: Readonly<Record<string, string>> = {
  feed_image: "picture",
  carousel: "carousel",
  reel: "reel",
  story: "story",
  text: "text",
  link: "link",
  tiktok_video: "video",
  tiktok_photo: "photos",
  threads_post: "thread",
  youtube_video: "video",
  bluesky_post: "post",
  mastodon_post: "post",
  x_post: "post",
  telegram_post: "post",
  pinterest_pin: "Pin",
  facebook_photo: "photo",
  facebook_video: "video",
  facebook_reel: "reel",
  linkedin_post: "post",
};

/** A post as a viewer of the fake account sees it. Its page opens in another tab. */
export function FeedPost({ post }: { readonly post: SandboxPost }) {
  const [first] = post.media;
  const kind = KINDS[post.kind] ?? post.kind;
  return (
    <li className="feed-post">
      <a href={post.pageUrl} target="_blank" rel="noreferrer">
        <span className="feed-picture">
          {first === undefined ? (
            <span className="feed-text">
              <TextAlignStart aria-hidden />
            </span>
          ) : (
            <img src={first.thumbnailUrl} alt="" loading="lazy" decoding="async" />
          )}
          {first?.contentType.startsWith("video/") && <Play aria-hidden />}
          {post.media.length > 1 && <span className="feed-count">1/{post.media.length}</span>}
        </span>
        <span className="feed-caption">{post.caption || `A ${kind} without a caption`}</span>
      </a>
      <span className="soft small feed-facts">
        <PlatformIcon platform={post.platform} /> <span className="cut">{accountName(post.platform, post.handle)}</span>{" "}
        · {kind} · <Time at={post.createdAt} isRelative />
        {post.comments.length > 0 && ` · ${post.comments.length} comment${post.comments.length === 1 ? "" : "s"}`}
      </span>
    </li>
  );
}

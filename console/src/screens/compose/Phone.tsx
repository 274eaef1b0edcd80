import { Bookmark, Heart, MessageCircle, Music2, Send, Share2 } from "lucide-react";
import type { PlatformName } from "presswork-client";
import { useState } from "react";
import { platformName } from "../../ui/PlatformIcon";
import { cutCaption, type Layout } from "./fitting";
import { type Picture, PreviewMedia } from "./PreviewMedia";

interface PhoneProps {
  readonly handle: string;
  readonly platform: PlatformName;
  readonly pictures: readonly Picture[];
  readonly coverMs: number | null;
  readonly first: number;
  readonly caption: string;
}

/** A post in Instagram's feed. */
export function PhoneFeed({ comment, ...post }: PhoneProps & { readonly comment: string }) {
  return (
    <figure className="phone feed" aria-label={`Preview on ${platformName(post.platform)}`}>
      <div className="phone-head">
        <Avatar handle={post.handle} />
        <strong className="cut">{post.handle}</strong>
      </div>
      <PreviewMedia pictures={post.pictures} coverMs={post.coverMs} first={post.first} />
      <div className="phone-actions" aria-hidden>
        <Heart />
        <MessageCircle />
        <Send />
        <Bookmark />
      </div>
      <Caption handle={post.handle} caption={post.caption} layout="feed" />
      {comment !== "" && (
        <p className="phone-caption soft">
          <strong>{post.handle}</strong> {cutCaption(comment, "fullScreen").shown}
        </p>
      )}
    </figure>
  );
}

/** A post that fills the screen: a Reel, a story, or TikTok. */
export function PhoneScreen(post: PhoneProps) {
  return (
    <figure className="phone full" aria-label={`Preview on ${platformName(post.platform)}`}>
      <PreviewMedia pictures={post.pictures} coverMs={post.coverMs} first={post.first} />
      <div className="phone-rail" aria-hidden>
        <Heart />
        <MessageCircle />
        <Bookmark />
        <Share2 />
      </div>
      <div className="phone-over">
        <div className="phone-head">
          <Avatar handle={post.handle} />
          <strong className="cut">{post.handle}</strong>
        </div>
        <Caption handle={null} caption={post.caption} layout="fullScreen" />
        {post.platform === "tiktok" && (
          <span className="phone-music" aria-hidden>
            <Music2 /> original sound
          </span>
        )}
      </div>
    </figure>
  );
}

function Avatar({ handle }: { readonly handle: string }) {
  return (
    <span className="phone-avatar" aria-hidden>
      {handle.charAt(0).toUpperCase()}
    </span>
  );
}

interface CaptionProps {
  readonly handle: string | null;
  readonly caption: string;
  readonly layout: Layout;
}

/** A caption, cut off where the app cuts it. */
function Caption({ handle, caption, layout }: CaptionProps) {
  const [isOpen, setOpen] = useState(false);
  const { shown, isCut } = cutCaption(caption, layout);
  if (caption.trim() === "") return null;
  return (
    <p className="phone-caption">
      {handle !== null && <strong>{handle}</strong>} {isOpen ? caption : shown}
      {isCut && !isOpen && "… "}
      {isCut && (
        <button type="button" className="phone-more" onClick={() => setOpen(!isOpen)}>
          {isOpen ? "less" : "more"}
        </button>
      )}
    </p>
  );
}

import { Bookmark, Heart, MessageCircle, Music2, Repeat2, Send, Share2, ThumbsUp } from "lucide-react";
import type { PlatformName, ShownLink } from "presswork-client";
import { useState } from "react";
import { LinkCard } from "../content/LinkCard";
import type { Layout } from "../platforms/facts";
import { platformName } from "../platforms/platforms";
import { cutCaption } from "./fitting";
import "./preview.css";
import { type Picture, PreviewMedia } from "./PreviewMedia";

/** A link as its card shows it. */
export type PreviewedLink = Omit<ShownLink, "imageUrl">;

interface PhoneProps {
  readonly layout: Layout;
  readonly handle: string;
  readonly platform: PlatformName;
  readonly pictures: readonly Picture[];
  readonly coverMs: number | null;
  readonly first: number;
  /** Where the platform has titles. */
  readonly title: string | null;
  readonly caption: string;
  readonly comment: string;
  /** Of a post without files. */
  readonly link: PreviewedLink | null;
  readonly poll: PreviewedPoll | null;
  /** Which part of a thread it is; null: a single post. */
  readonly place: string | null;
}

/** A poll below a text. */
export interface PreviewedPoll {
  /** Where the platform has one beside the text. */
  readonly question: string;
  readonly options: readonly string[];
}

/** A post in a phone, as its platform lays it out. */
export default function Phone(post: PhoneProps) {
  switch (post.layout) {
    case "feed":
      return <PhoneFeed {...post} />;
    case "thread":
    case "card":
      return <PhoneCard {...post} />;
    case "watch":
      return <PhoneWatch {...post} />;
    case "fullScreen":
    case "story":
      return <PhoneScreen {...post} />;
  }
}

/** A post with its text below. */
function PhoneFeed({ comment, ...post }: PhoneProps) {
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
      <Comment handle={post.handle} text={comment} />
    </figure>
  );
}

/** A post with its text above. */
function PhoneCard(post: PhoneProps) {
  return (
    <figure
      className="phone feed"
      aria-label={`Preview on ${platformName(post.platform)}${post.place === null ? "" : `: ${post.place}`}`}
    >
      <div className="phone-head">
        <Avatar handle={post.handle} />
        <strong className="cut">{post.handle}</strong>
        {post.place !== null && <span className="soft small phone-place">{post.place}</span>}
      </div>
      <Caption handle={null} caption={post.caption} layout={post.layout} />
      <PreviewMedia pictures={post.pictures} coverMs={post.coverMs} first={post.first} />
      {post.link !== null && post.poll === null && (
        <div className="phone-link">
          <LinkCard link={post.link} isPreview />
        </div>
      )}
      {post.poll !== null && (
        <div className="phone-poll">
          {post.poll.question !== "" && <strong>{post.poll.question}</strong>}
          <ul aria-label="Poll">
            {post.poll.options.map((option) => (
              <li key={option}>{option}</li>
            ))}
          </ul>
        </div>
      )}
      <div className="phone-actions" aria-hidden>
        {post.layout === "thread" ? <Heart /> : <ThumbsUp />}
        <MessageCircle />
        <Repeat2 />
        <Send />
      </div>
      <Comment handle={post.handle} text={post.comment} />
    </figure>
  );
}

/** A wide video with its title below. */
function PhoneWatch(post: PhoneProps) {
  return (
    <figure className="phone feed" aria-label={`Preview on ${platformName(post.platform)}`}>
      <PreviewMedia pictures={post.pictures} coverMs={post.coverMs} first={post.first} />
      <p className="phone-title">{post.title || "No title yet"}</p>
      <div className="phone-head">
        <Avatar handle={post.handle} />
        <strong className="cut">{post.handle}</strong>
      </div>
      <Caption handle={null} caption={post.caption} layout={post.layout} />
      <Comment handle={post.handle} text={post.comment} />
    </figure>
  );
}

/** A post that fills the screen: a Reel, a Short, a story, or TikTok. */
function PhoneScreen(post: PhoneProps) {
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
        <Caption handle={null} caption={post.title ?? post.caption} layout="fullScreen" />
        {post.platform === "tiktok" && (
          <span className="phone-music" aria-hidden>
            <Music2 /> original sound
          </span>
        )}
      </div>
    </figure>
  );
}

function Comment({ handle, text }: { readonly handle: string; readonly text: string }) {
  if (text === "") return null;
  return (
    <p className="phone-caption soft">
      <strong>{handle}</strong> {cutCaption(text, "fullScreen").shown}
    </p>
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
      {handle !== null && (
        <>
          <strong>{handle}</strong>{" "}
        </>
      )}
      {isOpen ? caption.trim() : shown}
      {isCut && !isOpen && "… "}
      {isCut && (
        <button type="button" className="phone-more" onClick={() => setOpen(!isOpen)}>
          {isOpen ? "less" : "more"}
        </button>
      )}
    </p>
  );
}

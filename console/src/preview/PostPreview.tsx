import type { Content, MediaItem, ScheduledPost } from "presswork-client";
import { ContentParts } from "../content/ContentParts";
import { LinkCard } from "../content/LinkCard";
import { isDocument, isVideo, useSteadyURLs } from "../content/media";
import { Media } from "../posts/Media";
import { fitOf, layoutOf } from "./fitting";
import Phone from "./Phone";
import type { Picture } from "./PreviewMedia";
import { coverOf, isStoryPost, pollOf, textsOf, titleOf } from "./postFacts";
import "./preview.css";

interface PostPreviewProps {
  readonly post: ScheduledPost;
  readonly content: Content;
  readonly handle: string;
}

/** A post as its network shows it; a thread with its parts below each other. What a person or a provider finishes is shown as it is. */
export function PostPreview({ post, content, handle }: PostPreviewProps) {
  const urls = useSteadyURLs(content.media);
  const { caption, comment } = textsOf(post, content);
  if (post.mode !== "publish") return <AsItIs content={content} caption={caption} />;
  const { platform } = post;
  const layout = layoutOf(platform, content.media, isStoryPost(post));
  const pictures = content.media.map((item, place): Picture => {
    const url = urls[place] ?? null;
    return {
      id: item.id,
      url: isDocument(item) ? item.thumbnailUrl : url,
      poster: item.posterUrl,
      isVideo: isVideo(item),
      name: item.altText ?? `File ${place + 1} of ${content.media.length}`,
      fit: fitOf(platform, layout, content.media, place),
    };
  });
  const parts =
    post.parts === null || content.parts === null
      ? [{ text: layout === "story" ? "" : caption, pictures }]
      : content.parts.map(({ text, media }) => ({ text, pictures: pictures.filter(isOneOf(media)) }));
  return (
    <div className="phones">
      {parts.map((part, place) => (
        <Phone
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
          key={place}
          platform={platform}
          handle={handle}
          layout={layout}
          pictures={part.pictures}
          {...coverOf(post)}
          title={titleOf(post, caption)}
          caption={part.text}
          comment={place === 0 ? comment : ""}
          link={place === 0 && content.media.length === 0 ? content.link : null}
          poll={place === 0 ? pollOf(post) : null}
          place={parts.length > 1 ? `Part ${place + 1} of ${parts.length}` : null}
        />
      ))}
    </div>
  );
}

function isOneOf(media: readonly MediaItem[]): (picture: Picture) => boolean {
  return ({ id }) => media.some((item) => item.id === id);
}

function AsItIs({ content, caption }: { readonly content: Content; readonly caption: string }) {
  if (content.parts !== null) return <ContentParts parts={content.parts} />;
  return (
    <>
      {content.media.length > 0 && <Media items={content.media} />}
      {content.link !== null && <LinkCard link={content.link} />}
      {caption === "" ? <p className="soft">No caption</p> : <p className="long-text">{caption}</p>}
    </>
  );
}

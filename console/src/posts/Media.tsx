import type { MediaItem } from "presswork-client";
import { DocumentPages } from "../content/MediaViewer";
import { isDocument, useSteadyURL } from "../content/media";
import "./media.css";

interface MediaProps {
  readonly items: readonly MediaItem[];
}

/** The pictures or the video of content, in order. */
export function Media({ items }: MediaProps) {
  return (
    <ul className={items.length > 1 ? "media many" : "media"}>
      {items.map((item, position) => (
        <li key={item.id}>
          <MediaFile item={item} name={item.altText ?? `File ${position + 1} of ${items.length}`} />
        </li>
      ))}
    </ul>
  );
}

function MediaFile({ item, name }: { readonly item: MediaItem; readonly name: string }) {
  const url = useSteadyURL(item);
  if (url === null) return <div className="media-missing soft">Not uploaded yet</div>;
  const ratio = item.width !== null && item.height !== null ? `${item.width} / ${item.height}` : undefined;
  if (item.contentType?.startsWith("video/")) {
    return (
      // biome-ignore lint/a11y/useMediaCaption: a person's own video, which has no caption file
      <video src={url} controls preload="metadata" playsInline aria-label={name} style={{ aspectRatio: ratio }} />
    );
  }
  if (isDocument(item)) return <DocumentPages item={item} url={url} name={name} />;
  return <img src={url} alt={name} loading="lazy" decoding="async" style={{ aspectRatio: ratio }} />;
}

import { FileImage, FileText, Film, TextAlignStart } from "lucide-react";
import type { Content } from "presswork-client";
import "./content.css";
import { hostOf } from "./links";
import { extent } from "./media";

interface ThumbnailProps {
  readonly content: Pick<Content, "media" | "mediaType" | "caption" | "link">;
  /** In the room for it: also the first words of a text, the duration of a video, or the number of pictures. */
  readonly isLarge?: boolean;
}

/** The first picture of content, small; of a text, the picture of its card, or its first words. What stands beside it says the rest. */
export function Thumbnail({ content, isLarge = false }: ThumbnailProps) {
  const { media, mediaType, caption, link } = content;
  const url = media[0]?.thumbnailUrl ?? link?.thumbnailUrl;
  const Missing = mediaType === "video" ? Film : mediaType === "document" ? FileText : FileImage;
  const shown = isLarge ? extent(content) : null;
  return (
    <span className="thumbnail">
      {url ? (
        <img src={url} alt="" loading="lazy" decoding="async" />
      ) : mediaType !== "text" ? (
        <Missing aria-hidden />
      ) : isLarge ? (
        <span className="thumbnail-words">{caption || hostOf(link?.url ?? "")}</span>
      ) : (
        <TextAlignStart aria-hidden />
      )}
      {shown !== null && <span className="extent">{shown}</span>}
    </span>
  );
}

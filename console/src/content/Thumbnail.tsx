import { FileImage, Film } from "lucide-react";
import type { Content } from "presswork-client";
import "./content.css";
import { extent } from "./media";

interface ThumbnailProps {
  readonly content: Pick<Content, "media" | "mediaType">;
  /** Also the duration of a video, or the number of pictures. */
  readonly isExtentShown?: boolean;
}

/** The first picture of content, small. The text beside it says what it is. */
export function Thumbnail({ content, isExtentShown = false }: ThumbnailProps) {
  const url = content.media[0]?.thumbnailUrl;
  const Missing = content.mediaType === "video" ? Film : FileImage;
  const shown = isExtentShown ? extent(content) : null;
  return (
    <span className="thumbnail">
      {url ? <img src={url} alt="" loading="lazy" decoding="async" /> : <Missing aria-hidden />}
      {shown !== null && <span className="extent">{shown}</span>}
    </span>
  );
}

import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "../ui/Button";
import type { Fit } from "./fitting";

export interface Picture {
  readonly id: string;
  readonly url: string | null;
  readonly poster: string | null;
  readonly isVideo: boolean;
  readonly name: string;
  readonly fit: Fit;
}

interface PreviewMediaProps {
  readonly pictures: readonly Picture[];
  /** The frame of a video that is the cover. */
  readonly coverMs: number | null;
  /** The picture that shows first. */
  readonly first: number;
}

/** The files of a post in their frame, one at a time. What is cropped away shows in shade. */
export function PreviewMedia({ pictures, coverMs, first }: PreviewMediaProps) {
  const [position, setPosition] = useState(first);
  useEffect(() => setPosition(first), [first]);
  const at = Math.min(position, pictures.length - 1);
  const picture = pictures[at];
  if (picture === undefined) return null;
  const { fit } = picture;
  return (
    <div className="preview-media" style={{ aspectRatio: fit.frame }}>
      {picture.isVideo ? (
        <Video picture={picture} coverMs={coverMs} />
      ) : picture.url === null ? null : (
        <img src={picture.url} alt={picture.name} className={fit.isCropped ? "cropped" : "whole"} />
      )}
      {fit.isCropped && fit.lostPercent > 0 && <span className="crop-badge">−{fit.lostPercent} %</span>}
      {pictures.length > 1 && (
        <>
          <span className="preview-count">
            {at + 1}/{pictures.length}
          </span>
          <div className="preview-steps">
            <Button isIcon aria-label="Previous picture" isDisabled={at === 0} onPress={() => setPosition(at - 1)}>
              <ChevronLeft aria-hidden />
            </Button>
            <Button
              isIcon
              aria-label="Next picture"
              isDisabled={at === pictures.length - 1}
              onPress={() => setPosition(at + 1)}
            >
              <ChevronRight aria-hidden />
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

function Video({ picture, coverMs }: { readonly picture: Picture; readonly coverMs: number | null }) {
  const video = useRef<HTMLVideoElement>(null);
  const seek = () => {
    if (video.current !== null && coverMs !== null) video.current.currentTime = coverMs / 1000;
  };
  useEffect(seek, [coverMs]);
  if (picture.url === null) return null;
  return (
    <video
      ref={video}
      src={picture.url}
      {...(coverMs === null && picture.poster !== null && { poster: picture.poster })}
      className="whole"
      controls={coverMs === null}
      playsInline
      preload="metadata"
      aria-label={picture.name}
      onLoadedMetadata={seek}
    />
  );
}

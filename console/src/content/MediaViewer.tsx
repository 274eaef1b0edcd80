import { ChevronLeft, ChevronRight, ImageOff } from "lucide-react";
import type { MediaItem } from "presswork-client";
import { type CSSProperties, lazy, Suspense, use, useEffect, useRef, useState } from "react";
import { Button } from "../ui/Button";
import { useShortcuts } from "../ui/useShortcuts";
import { MarksContext } from "./MarksContext";
import { fileFacts, isDocument, isVideo, useSteadyURL } from "./media";
import "./media-viewer.css";

const PictureMarks = lazy(() => import("../discussion/PictureMarks"));
const VideoMarks = lazy(() => import("../discussion/VideoMarks"));

interface MediaViewerProps {
  readonly items: readonly MediaItem[];
}

/** Content as large as the screen allows. A slideshow is swiped, or moved with its buttons and the arrow keys. */
export function MediaViewer({ items }: MediaViewerProps) {
  const strip = useRef<HTMLUListElement>(null);
  const [position, setPosition] = useState(0);
  const isMany = items.length > 1;
  const show = (next: number) => {
    const list = strip.current;
    const at = Math.max(0, Math.min(next, items.length - 1));
    // Not smooth: a press during the movement would count from where it began.
    list?.scrollTo({ left: at * list.clientWidth, behavior: "instant" });
  };
  const notePosition = () => {
    const { scrollLeft = 0, clientWidth = 1 } = strip.current ?? {};
    setPosition(Math.round(scrollLeft / Math.max(clientWidth, 1)));
  };
  const back = () => show(position - 1);
  const forward = () => show(position + 1);
  const opened = use(MarksContext)?.opened;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only opening a mark moves the slides, and no refresh
  useEffect(() => {
    const at = items.findIndex(({ id }) => id === opened?.mark.anchor.assetId);
    if (at >= 0) show(at);
  }, [opened]);
  useShortcuts(isMany ? { ArrowLeft: back, ArrowRight: forward } : {});
  return (
    <section className="viewer" aria-label={isMany ? `Slideshow of ${items.length} ${nounOf(items)}` : "Media"}>
      <ul
        ref={strip}
        className="slides"
        onScroll={notePosition}
        tabIndex={isMany ? 0 : undefined}
        aria-label={isMany ? "Pictures" : undefined}
      >
        {items.map((item, index) => (
          <li key={item.id}>
            <MediaFile
              item={item}
              name={item.altText ?? `File ${index + 1} of ${items.length}`}
              isShown={index === position}
            />
          </li>
        ))}
      </ul>
      {isMany && (
        <div className="viewer-bar">
          <Button kind="quiet" isIcon aria-label="Previous picture" isDisabled={position === 0} onPress={back}>
            <ChevronLeft aria-hidden />
          </Button>
          <span className="small" aria-live="polite">
            {position + 1} of {items.length}
          </span>
          <Button
            kind="quiet"
            isIcon
            aria-label="Next picture"
            isDisabled={position === items.length - 1}
            onPress={forward}
          >
            <ChevronRight aria-hidden />
          </Button>
        </div>
      )}
    </section>
  );
}

interface MediaFileProps {
  readonly item: MediaItem;
  readonly name: string;
  /** Whether it is the file in view. */
  readonly isShown: boolean;
}

function MediaFile({ item, name, isShown }: MediaFileProps) {
  const url = useSteadyURL(item);
  const video = useRef<HTMLVideoElement>(null);
  const hasMarks = use(MarksContext) !== null;
  if (url === null) {
    const preview = item.posterUrl ?? item.thumbnailUrl;
    if (preview !== null) return <img src={preview} alt={name} decoding="async" />;
    return (
      <div className="slide-missing soft">
        <ImageOff aria-hidden /> {item.sha256 === null ? "Not uploaded yet" : "The file was removed"}
      </div>
    );
  }
  const ratio = item.width !== null && item.height !== null ? item.width / item.height : undefined;
  if (isDocument(item)) return <DocumentPages item={item} url={url} name={name} />;
  if (!isVideo(item)) {
    const room = ratio === undefined ? {} : ({ "--width": `${item.width}px`, "--ratio": ratio } as CSSProperties);
    const sized = ratio === undefined ? "" : "sized";
    return (
      <div className={`marked ${sized}`} style={room}>
        <img src={url} alt={name} decoding="async" />
        {hasMarks && (
          <Suspense>
            <PictureMarks assetId={item.id} isShown={isShown} />
          </Suspense>
        )}
      </div>
    );
  }
  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: a person's own video, which has no caption file */}
      <video
        ref={video}
        src={url}
        poster={item.posterUrl ?? undefined}
        controls
        preload={item.posterUrl === null ? "metadata" : "none"}
        playsInline
        aria-label={name}
        style={{ aspectRatio: ratio }}
      />
      {hasMarks && (
        <Suspense>
          <VideoMarks assetId={item.id} video={video} isShown={isShown} />
        </Suspense>
      )}
    </>
  );
}

interface DocumentPagesProps {
  readonly item: MediaItem;
  readonly url: string;
  readonly name: string;
}

/** The first pages of a PDF, and the whole one in another tab. */
export function DocumentPages({ item, url, name }: DocumentPagesProps) {
  return (
    <figure className="document-pages">
      {item.posterUrl !== null && <img src={item.posterUrl} alt={`First pages: ${item.altText ?? name}`} />}
      <figcaption className="small">
        <a href={url} target="_blank" rel="noreferrer">
          Open the PDF
        </a>{" "}
        <span className="soft">{fileFacts(item)}</span>
      </figcaption>
    </figure>
  );
}

function nounOf(items: readonly MediaItem[]): string {
  return items.every(({ contentType }) => contentType?.startsWith("image/")) ? "pictures" : "items";
}

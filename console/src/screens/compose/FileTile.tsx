import { FileText, Film, GripVertical, ImageIcon, RotateCw, X } from "lucide-react";
import type { MediaItem } from "presswork-client";
import { GridListItem, ProgressBar } from "react-aria-components";
import { Button } from "../../ui/Button";
import { SlotButton } from "../../ui/SlotButton";
import type { DraftFile } from "./draft";
import { isDocument, isVideo } from "./draft";
import type { UploadState } from "./useUploads";

interface FileTileProps {
  readonly file: DraftFile;
  readonly position: number;
  /** Whether there is nothing to order. */
  readonly isOnly: boolean;
  /** The file in this browser; null after a reload. */
  readonly url: string | null;
  readonly media: MediaItem | undefined;
  readonly upload: UploadState | undefined;
  readonly onRetry: () => void;
  readonly onCancel: () => void;
  readonly onRemove?: () => void;
}

/** One file: its picture, how its upload stands, and what can be done with it. */
export function FileTile({ file, position, isOnly, url, media, upload, onRetry, onCancel, onRemove }: FileTileProps) {
  const isSending = upload?.status === "sending" || upload?.status === "waiting";
  const isBegun = isSending || upload?.status === "interrupted" || (upload?.sentBytes ?? 0) > 0;
  return (
    <GridListItem id={file.id} textValue={`${position + 1}: ${file.name}`} className="file-tile">
      <TilePicture file={file} url={url} media={media} />
      <span className="file-number">{position + 1}</span>
      {!isOnly && (
        <SlotButton slot="drag" aria-label={`Move ${file.name}`}>
          <GripVertical aria-hidden />
        </SlotButton>
      )}
      {onRemove !== undefined && (
        <span className="file-remove">
          <Button kind="quiet" isIcon aria-label={`Remove ${file.name}`} onPress={onRemove}>
            <X aria-hidden />
          </Button>
        </span>
      )}
      <div className="file-state small">
        <span className="cut" title={file.name}>
          {file.name}
        </span>
        {isBegun && !file.isSent && (
          <span className="file-sending">
            <ProgressBar aria-label={`Upload of ${file.name}`} value={upload?.sentBytes ?? 0} maxValue={file.sizeBytes}>
              {({ percentage = 0 }) => (
                <>
                  <progress className="file-progress" value={percentage} max={100} aria-hidden />
                  <span>{Math.round(percentage)} %</span>
                </>
              )}
            </ProgressBar>
            {isSending && (
              <Button kind="quiet" isIcon aria-label={`Cancel the upload of ${file.name}`} onPress={onCancel}>
                <X aria-hidden />
              </Button>
            )}
          </span>
        )}
        {upload?.status === "failed" && (
          <span className="file-failed" role="alert">
            <span>{upload.error}</span>
            <Button aria-label={`Retry ${file.name}`} onPress={onRetry}>
              <RotateCw aria-hidden /> Retry
            </Button>
          </span>
        )}
        {file.isSent && <span className="soft cut">{sizeOf(file)}</span>}
      </div>
    </GridListItem>
  );
}

function TilePicture({ file, url, media }: Pick<FileTileProps, "file" | "url" | "media">) {
  const still = media?.thumbnailUrl ?? (isVideo(file) || isDocument(file) ? null : url);
  if (still !== null) return <img className="file-picture" src={still} alt="" draggable={false} />;
  if (isDocument(file)) {
    return (
      <span className="file-picture">
        <FileText aria-hidden />
      </span>
    );
  }
  if (url !== null) return <video className="file-picture" src={url} muted playsInline preload="metadata" />;
  return <span className="file-picture">{isVideo(file) ? <Film aria-hidden /> : <ImageIcon aria-hidden />}</span>;
}

function sizeOf(file: DraftFile): string {
  const { sizeBytes, width, height, durationSeconds } = file;
  const megabytes = sizeBytes / 1e6;
  const size = megabytes < 0.1 ? `${Math.max(1, Math.round(sizeBytes / 1000))} kB` : `${megabytes.toFixed(1)} MB`;
  const pixels = width !== null && height !== null && !isDocument(file) ? ` · ${width} × ${height}` : "";
  return size + pixels + (durationSeconds === null ? "" : ` · ${durationSeconds.toFixed(0)} s`);
}

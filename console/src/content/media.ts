import type { Content, MediaItem } from "presswork-client";
import { useState } from "react";

const STEP = 1024;
const MINUTE = 60;
const RENEW_MS = 60_000;

/** "1.8 MB". */
export function fileSize(bytes: number): string {
  if (bytes < STEP) return `${bytes} bytes`;
  if (bytes < STEP * STEP) return `${Math.round(bytes / STEP)} kB`;
  return `${(bytes / STEP / STEP).toFixed(1)} MB`;
}

/** "0:14", "1:02:05". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [
    Math.floor(whole / MINUTE / MINUTE),
    Math.floor(whole / MINUTE) % MINUTE,
    whole % MINUTE,
  ];
  const tail = String(rest).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** Returns what a thumbnail alone does not show: how long a video is, or how many pictures there are. */
export function extent(content: Pick<Content, "mediaType" | "media">): string | null {
  if (content.mediaType === "multi") return `${content.media.length} pictures`;
  if (content.mediaType === "mixed") return `${content.media.length} items`;
  if (content.mediaType === "document") return pagesOf(content.media[0]);
  const seconds = content.media[0]?.durationSeconds;
  return content.mediaType === "video" ? (seconds ? duration(seconds) : "Video") : null;
}

/** "1 page", "12 pages", "PDF" before it is read. */
function pagesOf(item: Pick<MediaItem, "pages"> | undefined): string {
  const pages = item?.pages ?? null;
  return pages === null ? "PDF" : `${pages} ${pages === 1 ? "page" : "pages"}`;
}

/** Whether a file is a PDF. */
export function isDocument(item: Pick<MediaItem, "contentType">): boolean {
  return item.contentType === "application/pdf";
}

/** Whether a file is a video. */
export function isVideo(item: Pick<MediaItem, "contentType">): boolean {
  return item.contentType?.startsWith("video/") ?? false;
}

/** "JPEG · 1080 × 1350 · 1.8 MB", "MP4 (h264, aac) · 1080 × 1920 · 0:14 · 9.2 MB". */
export function fileFacts(item: MediaItem): string {
  const codecs = [item.videoCodec, item.audioCodec].filter((codec) => codec !== null);
  const type = (item.contentType ?? "").split("/")[1] ?? "";
  const kind = type === "quicktime" ? "MOV" : type.toUpperCase();
  return [
    codecs.length > 0 ? `${kind} (${codecs.join(", ")})` : kind,
    isDocument(item) && item.pages !== null && pagesOf(item),
    !isDocument(item) && item.width !== null && item.height !== null && `${item.width} × ${item.height}`,
    item.durationSeconds !== null && duration(item.durationSeconds),
    item.sizeBytes !== null && fileSize(item.sizeBytes),
  ]
    .filter((part) => part !== false && part !== "")
    .join(" · ");
}

/** Returns the first signed URL of each file until it expires: a new one would load the file again, and stop a video. */
export function useSteadyURLs(items: readonly MediaItem[]): readonly (string | null)[] {
  const [kept, setKept] = useState(items);
  const steady = items.map((item) => {
    const former = kept.find(({ id, url }) => id === item.id && url !== null);
    return former !== undefined && Date.parse(former.urlExpiresAt ?? "") > Date.now() + RENEW_MS ? former : item;
  });
  if (steady.length !== kept.length || steady.some((item, place) => item !== kept[place])) setKept(steady);
  return steady.map(({ url }) => url);
}

/** The same for one file. */
export function useSteadyURL(item: MediaItem): string | null {
  return useSteadyURLs([item])[0] ?? null;
}

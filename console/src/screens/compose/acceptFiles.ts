import type { ContentType } from "presswork-client";
import { randomKey } from "../../api/client";
import { MAX_BYTES } from "../../api/maxima";
import type { DraftFile } from "./draft";

const MEGABYTE = 1024 * 1024;

export const ACCEPTED = Object.keys(MAX_BYTES) as readonly ContentType[];

/** Whether the API accepts files of this type. */
export function isAccepted(type: string): type is ContentType {
  return type in MAX_BYTES;
}

/** Returns why a file can't be used; null: it can. */
export function refusalOf(file: Pick<File, "name" | "type" | "size">): string | null {
  if (!isAccepted(file.type)) return `${file.name} is neither JPEG, PNG, WebP, MP4, MOV nor PDF. Convert it first.`;
  const limit = MAX_BYTES[file.type];
  const megabytes = limit % MEGABYTE === 0 ? limit / MEGABYTE : limit / 1e6;
  if (file.size > limit) return `${file.name} is larger than ${megabytes} MB. Make it smaller first.`;
  return file.size === 0 ? `${file.name} is empty.` : null;
}

/** Returns a chosen file as part of a draft. */
export function draftFileOf(file: File): DraftFile {
  return {
    id: randomKey(),
    name: file.name,
    contentType: file.type,
    sizeBytes: file.size,
    modifiedAt: file.lastModified,
    altText: "",
    width: null,
    height: null,
    durationSeconds: null,
    assetId: null,
    isSent: false,
  };
}

/** Whether a chosen file is the one of a draft, so that its upload can continue. */
export function isSame({ name, contentType, sizeBytes, modifiedAt }: DraftFile, file: File): boolean {
  return name === file.name && contentType === file.type && sizeBytes === file.size && modifiedAt === file.lastModified;
}

/** Reads pixels and length as the browser shows them; nothing for a file that it can't show. */
export function measure(url: string, contentType: string): Promise<Partial<DraftFile>> {
  return new Promise((resolve) => {
    if (contentType === "application/pdf") {
      resolve({}); // the server reads it
    } else if (contentType.startsWith("video/")) {
      const video = document.createElement("video");
      video.preload = "metadata";
      video.onloadedmetadata = () =>
        resolve({ width: video.videoWidth, height: video.videoHeight, durationSeconds: video.duration });
      video.onerror = () => resolve({});
      video.src = url;
    } else {
      const image = new Image();
      image.onload = () => resolve({ width: image.naturalWidth, height: image.naturalHeight });
      image.onerror = () => resolve({});
      image.src = url;
    }
  });
}

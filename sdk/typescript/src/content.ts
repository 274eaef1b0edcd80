import { PressworkError } from "./errors.js";
import { ContentCalls } from "./generated/content.js";
import type { Content as ContentModel, ContentType, UploadTarget } from "./generated/models.js";

/** A file to upload: a path (Node only), a File, or data with a name. */
export type FileSource = string | File | { readonly name: string; readonly data: Blob };

export interface UploadProgress {
  /** The last file that was sent. */
  readonly filename: string;
  /** Of all files. */
  readonly sentBytes: number;
  readonly totalBytes: number;
}

export interface UploadFilesParams {
  readonly projectId: string;
  readonly caption: string;
  readonly firstComment?: string | null | undefined;
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
}

interface OpenFile {
  readonly name: string;
  readonly data: Blob;
}

const TYPES: Readonly<Record<string, ContentType>> = {
  ".mp4": "video/mp4",
  ".mov": "video/quicktime",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".png": "image/png",
  ".webp": "image/webp",
};

/** Upload and read videos, pictures and slideshows. */
export class Content extends ContentCalls {
  /**
   * Uploads one video, one picture, or 2–10 pictures as a slideshow, and returns the finished content.
   *
   * Files on disk are streamed. `onProgress` is called after each file. Throws a PressworkError for a file that can't
   * be read, and the errors of openUploads and finalizeUpload.
   */
  async uploadFiles(sources: readonly FileSource[], params: UploadFilesParams): Promise<ContentModel> {
    if (sources.length === 0) {
      throw new PressworkError("There are no files to upload. Pass one video, one picture, or 2–10 pictures.");
    }
    const files = await Promise.all(sources.map(openFile));
    const opened = await this.openUploads({
      projectId: params.projectId,
      files: files.map((file) => ({
        filename: file.name,
        contentType: contentType(file.name),
        sizeBytes: file.data.size,
      })),
      grouping: files.length === 1 ? "per-file" : "slideshow",
    });
    const [expected] = opened.items;
    if (expected === undefined || opened.items.length !== 1) {
      throw new PressworkError("The server returned more or less than one container for these files. Check that client and server have matching versions.");
    }
    const totalBytes = files.reduce((sum, file) => sum + file.data.size, 0);
    let sentBytes = 0;
    for (const [index, file] of files.entries()) {
      const target = expected.files[index] as UploadTarget;
      await this.client.put(target.uploadUrl, file.data, target.headers);
      sentBytes += file.data.size;
      params.onProgress?.({ filename: file.name, sentBytes, totalBytes });
    }
    return this.finalizeUpload({
      containerId: expected.containerId,
      caption: params.caption,
      ...(params.firstComment === undefined ? {} : { firstComment: params.firstComment }),
    });
  }
}

async function openFile(source: FileSource): Promise<OpenFile> {
  if (typeof source !== "string") return "data" in source ? source : { name: source.name, data: source };
  const name = source.split(/[\\/]/).pop() ?? source;
  try {
    return { name, data: await openPath(source) };
  } catch (error) {
    throw new PressworkError(`${source} can't be read. Check the path.`, { cause: error });
  }
}

/** Opens a file as a Blob, which is read when it is sent; Node only. */
async function openPath(path: string): Promise<Blob> {
  const module = "node:fs"; // a variable, so that bundlers for browsers do not resolve it
  const fs = (await import(/* @vite-ignore */ module)) as { openAsBlob(path: string): Promise<Blob> };
  return fs.openAsBlob(path);
}

function contentType(filename: string): ContentType {
  const ending = /\.[^.]+$/.exec(filename)?.[0].toLowerCase() ?? "";
  const found = TYPES[ending];
  if (found === undefined) {
    throw new PressworkError(`The media type of ${filename} is unknown. Use the extension .mp4, .mov, .jpg, .png or .webp.`);
  }
  return found;
}

import { paramsOf } from "./arguments.js";
import { type RequestOptions, repeatable } from "./calls.js";
import { APIStatusError, PressworkError } from "./errors.js";
import type { FileSource, OpenFile } from "./files.js";
import { ContentCalls } from "./generated/content.js";
import type { Content as ContentModel, FileUpload, Multipart, UploadTarget } from "./generated/models.js";

const PARALLEL_PARTS = 4;
/** How long to wait for the finalize call of a file in parts, which the server puts together, and at which speed. */
const FINALIZE_SECONDS = 60;
const FINALIZED_BYTES_PER_SECOND = 10_000_000;

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
  readonly labels?: readonly string[] | undefined;
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
}

/** Create, upload and read content: texts, links, videos, pictures, slideshows and documents. */
export class Content extends ContentCalls {
  /**
   * Uploads one video, picture or PDF, 2–35 pictures, or 2–20 pictures and videos, and returns the finished content.
   *
   * A path, a File or a Blob is streamed; a stream is read to its end first. `onProgress` is called after each file, or
   * each part of a file over 100 MB: four are sent at once, each with retries of its own.
   * All its calls use one idempotency key. If an error interrupts it, repeat it with the `idempotencyKey` of the error: it
   * sends the parts that are missing, or returns the content if it is complete. Throws an InvalidArgumentError for a file that can't
   * be read, before anything is sent, and the errors of openUploads and finalizeUpload.
   */
  async uploadFiles(
    files: FileSource | Iterable<FileSource>,
    params: UploadFilesParams,
    options: RequestOptions = {},
  ): Promise<ContentModel> {
    const { openFiles } = await import("./files.js"); // a browser loads it with the first upload
    const found = await openFiles(files);
    return repeatable(options, (keyed) => this.#send(found, paramsOf(params), keyed));
  }

  async #send(found: readonly OpenFile[], params: UploadFilesParams, options: RequestOptions): Promise<ContentModel> {
    const { projectId, caption, firstComment, labels, onProgress } = params;
    const { data: opened, response } = await this.openUploads(
      {
        projectId,
        files: found.map(({ name, type, data }) => ({ filename: name, contentType: type, sizeBytes: data.size })),
        grouping: found.length === 1 ? "per-file" : "slideshow",
      },
      options,
    ).withResponse();
    const [expected] = opened.items;
    if (expected === undefined || opened.items.length !== 1 || expected.files.length !== found.length) {
      throw new PressworkError(
        "The server returned more or less than one container for these files. Check that client and server have matching versions.",
      );
    }
    const { containerId } = expected;
    // A repeated call finds what the first one sent; a completed container waits for nothing.
    const targets: readonly (UploadTarget | FileUpload)[] = response.isReplayed
      ? (await this.getUploads({ containerId }, options)).items
      : expected.files;
    const totalBytes = found.reduce((sum, file) => sum + file.data.size, 0);
    let sentBytes = 0;
    const send = async ({ name, data }: OpenFile, url: string, headers: UploadTarget["headers"]): Promise<void> => {
      await this._transport.put(url, `PUT ${name}`, data, headers, options);
      sentBytes += data.size;
      onProgress?.({ filename: name, sentBytes, totalBytes });
    };
    for (const [index, target] of targets.entries()) {
      const file = found[index]!;
      if ("isComplete" in target && target.isComplete) sentBytes += file.data.size;
      else if (typeof target.uploadUrl === "string") await send(file, target.uploadUrl, target.headers);
      else {
        let multipart = target.multipart;
        sentBytes += file.data.size - sizeOf(file, multipart);
        // While the URLs of parts expire, continue with new ones.
        for (;;) {
          const pieces = piecesOf(file, multipart);
          const expired = await sendParts(pieces, (piece) => send(piece.file, piece.url, target.headers));
          if (expired === undefined) break;
          multipart = (await this.getUploads({ containerId }, options)).items[index]?.multipart;
          if (piecesOf(file, multipart).length >= pieces.length) throw expired;
        }
      }
    }
    const hasParts = expected.files.some(({ multipart }) => multipart != null);
    const wait = hasParts ? { timeoutSeconds: FINALIZE_SECONDS + totalBytes / FINALIZED_BYTES_PER_SECOND } : {};
    return this.finalizeUpload({ containerId, caption, firstComment, labels }, { ...wait, ...options });
  }
}

interface Piece {
  readonly file: OpenFile;
  readonly url: string;
}

function piecesOf(file: OpenFile, multipart: Multipart | null | undefined): readonly Piece[] {
  const { partSizeBytes: size, parts } = multipart ?? { partSizeBytes: 0, parts: [] };
  return parts.map(({ partNumber, uploadUrl }) => ({
    file: { ...file, data: file.data.slice((partNumber - 1) * size, partNumber * size) },
    url: uploadUrl,
  }));
}

function sizeOf(file: OpenFile, multipart: Multipart | null | undefined): number {
  return piecesOf(file, multipart).reduce((sum, piece) => sum + piece.file.data.size, 0);
}

/** Sends pieces, a few at once, and returns the error of one whose URL has expired. Another error stops all of them. */
async function sendParts(
  pieces: readonly Piece[],
  send: (piece: Piece) => Promise<void>,
): Promise<APIStatusError | undefined> {
  const waiting = pieces.values();
  let failed = false;
  let expired: APIStatusError | undefined;
  const sendNext = async (): Promise<void> => {
    for (const piece of waiting) {
      if (failed) return;
      try {
        await send(piece);
      } catch (error) {
        if (!(error instanceof APIStatusError) || error.statusCode !== 401) {
          failed = true;
          throw error;
        }
        expired = error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: PARALLEL_PARTS }, sendNext));
  for (const result of results) if (result.status === "rejected") throw result.reason;
  return expired;
}

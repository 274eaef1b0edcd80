import { paramsOf } from "./arguments.js";
import { type RequestOptions, repeatable } from "./calls.js";
import { PressworkError } from "./errors.js";
import { type FileSource, type OpenFile, openFiles } from "./files.js";
import { ContentCalls } from "./generated/content.js";
import type { Content as ContentModel } from "./generated/models.js";

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

/** Create, upload and read content: texts, links, videos, pictures and slideshows. */
export class Content extends ContentCalls {
  /**
   * Uploads one video, one picture, or 2–35 pictures as a slideshow, and returns the finished content.
   *
   * A path, a File or a Blob is streamed; a stream is read to its end first. `onProgress` is called after each file.
   * All its calls use one idempotency key. If an error interrupts it, repeat it with the `idempotencyKey` of the error: it
   * continues with the same content, or returns it if it is complete. Throws an InvalidArgumentError for a file that can't
   * be read, before anything is sent, and the errors of openUploads and finalizeUpload.
   */
  async uploadFiles(
    files: FileSource | Iterable<FileSource>,
    params: UploadFilesParams,
    options: RequestOptions = {},
  ): Promise<ContentModel> {
    const found = await openFiles(files);
    return repeatable(options, (keyed) => this.#send(found, paramsOf(params), keyed));
  }

  async #send(found: readonly OpenFile[], params: UploadFilesParams, options: RequestOptions): Promise<ContentModel> {
    const { projectId, caption, firstComment, onProgress } = params;
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
    // A repeated call finds what the first one sent.
    if (!response.isReplayed || (await this.get({ containerId })).status === "queued") {
      const totalBytes = found.reduce((sum, file) => sum + file.data.size, 0);
      let sentBytes = 0;
      for (const [index, { name, data }] of found.entries()) {
        const { uploadUrl, headers } = expected.files[index]!;
        await this._transport.put(uploadUrl, `PUT ${name}`, data, headers, options);
        sentBytes += data.size;
        onProgress?.({ filename: name, sentBytes, totalBytes });
      }
    }
    return this.finalizeUpload({ containerId, caption, firstComment }, options);
  }
}

import type { FileUpload, UploadTarget } from "presswork-client";

export const CANCELED = "Canceled.";
/** Parts that are sent at once: browsers open six connections to a server, and the page needs some of them. */
const PARTS_AT_ONCE = 3;
const MAX_TRIES = 3;
const PAUSE_MS = 1000;

/** How long to wait for the server, which checks the files, and puts large ones together at least this fast. */
const FINALIZE_SECONDS = 60;
const FINALIZED_BYTES_PER_SECOND = 10_000_000;

/** Returns how long to wait until files of this size are checked. */
export function finalizeSeconds(sizeBytes: number): number {
  return FINALIZE_SECONDS + sizeBytes / FINALIZED_BYTES_PER_SECOND;
}

/** Why a file did not arrive. */
export class UploadError extends Error {
  /** Whether another try may help. */
  readonly isTransient: boolean;

  constructor(message: string, { isTransient = false } = {}) {
    super(message);
    this.isTransient = isTransient;
  }
}

interface PutOptions {
  readonly onProgress: (sentBytes: number) => void;
  readonly signal: AbortSignal;
}

/** A range of a file and where it goes, of a file that is sent in one request all of it. */
interface Piece {
  readonly url: string;
  readonly data: Blob;
}

/** Returns what is to be sent of a file. */
function piecesOf({ uploadUrl, multipart }: UploadTarget, file: Blob): readonly Piece[] {
  if (multipart == null) return uploadUrl == null ? [] : [{ url: uploadUrl, data: file }];
  const { partSizeBytes: size, parts } = multipart;
  return parts.map(({ partNumber, uploadUrl: url }) => ({
    url,
    data: file.slice((partNumber - 1) * size, partNumber * size),
  }));
}

/** Returns how many bytes of a file the server has. */
export function receivedBytes({ isComplete, sizeBytes, multipart }: FileUpload): number {
  if (isComplete) return sizeBytes;
  if (multipart == null) return 0;
  const { partSizeBytes: size, parts } = multipart;
  const missing = parts.map(({ partNumber }) => Math.min(partNumber * size, sizeBytes) - (partNumber - 1) * size);
  return sizeBytes - sumOf(missing);
}

/** Sends a file to its upload URL, or the missing parts of a large one. If a part fails, those that are on their way still arrive. */
export async function putFile(target: UploadTarget, file: Blob, { onProgress, signal }: PutOptions): Promise<void> {
  const pieces = piecesOf(target, file);
  const before = file.size - sumOf(pieces.map(({ data }) => data.size));
  const sent = new Map<Piece, number>();
  const waiting = pieces.values();
  let isFailed = false;
  const sendNext = async () => {
    for (const piece of waiting) {
      if (isFailed) return;
      const report = (bytes: number) => {
        sent.set(piece, bytes);
        onProgress(before + sumOf([...sent.values()]));
      };
      try {
        await putPiece(target, piece, { onProgress: report, signal }, MAX_TRIES);
      } catch (error) {
        isFailed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: PARTS_AT_ONCE }, sendNext));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

async function putPiece(target: UploadTarget, piece: Piece, options: PutOptions, maxTries: number): Promise<void> {
  try {
    await put(target, piece, options);
  } catch (error) {
    const isWorthIt = target.multipart != null && error instanceof UploadError && error.isTransient && maxTries > 1;
    if (!isWorthIt || options.signal.aborted) throw error;
    options.onProgress(0);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (options.signal.aborted) throw error;
    await putPiece(target, piece, options, maxTries - 1);
  }
}

/** `fetch` reports no progress of a body, so this is an XMLHttpRequest. */
function put(target: UploadTarget, { url, data }: Piece, { onProgress, signal }: PutOptions): Promise<void> {
  const missing = target.multipart == null ? "the file again" : "the rest";
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const settle = (error?: Error) => {
      signal.removeEventListener("abort", stop);
      if (error === undefined) resolve();
      else reject(error);
    };
    request.open(target.method, ownAddress(url));
    for (const [name, value] of Object.entries(target.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => settle(request.status < 300 ? undefined : refusalOf(request));
    request.onerror = () =>
      settle(new UploadError(`The connection was lost. Retry to send ${missing}.`, { isTransient: true }));
    request.onabort = () => settle(new UploadError(CANCELED));
    signal.addEventListener("abort", stop);
    request.send(data);
  });
}

/** The console may be open under another name of this server than the one in its links; its policy allows only its own. */
function ownAddress(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function refusalOf(request: XMLHttpRequest): UploadError {
  const isTransient = request.status >= 500 || request.status === 429 || request.status === 408;
  try {
    const { error } = JSON.parse(request.responseText) as { error: { message: string } };
    return new UploadError(error.message, { isTransient });
  } catch {
    return new UploadError(`The server answered ${request.status}. Retry to send the file again.`, { isTransient });
  }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

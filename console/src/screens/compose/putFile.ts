import type { UploadTarget } from "presswork-client";

export const CANCELED = "Canceled.";

/** Why a file did not arrive. */
export class UploadError extends Error {}

interface PutOptions {
  readonly onProgress: (sentBytes: number) => void;
  readonly signal: AbortSignal;
}

/** Sends a file to its upload URL. `fetch` reports no progress of a body, so this is an XMLHttpRequest. */
export function putFile(target: UploadTarget, file: Blob, { onProgress, signal }: PutOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const settle = (error?: Error) => {
      signal.removeEventListener("abort", stop);
      if (error === undefined) resolve();
      else reject(error);
    };
    request.open(target.method, ownAddress(target.uploadUrl));
    for (const [name, value] of Object.entries(target.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => settle(request.status < 300 ? undefined : new UploadError(refusalOf(request)));
    request.onerror = () => settle(new UploadError("The connection was lost. Retry to send the file again."));
    request.onabort = () => settle(new UploadError(CANCELED));
    signal.addEventListener("abort", stop);
    request.send(file);
  });
}

/** The console may be open under another name of this server than the one in its links; its policy allows only its own. */
function ownAddress(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function refusalOf(request: XMLHttpRequest): string {
  try {
    const { error } = JSON.parse(request.responseText) as { error: { message: string } };
    return error.message;
  } catch {
    return `The server answered ${request.status}. Retry to send the file again.`;
  }
}

import type { Content, Environment } from "presswork-client";
import { clientOf } from "../../api/client";
import { isAccepted, refusalOf } from "../compose/acceptFiles";
import { finalizeSeconds, putFile } from "../compose/putFile";
import { altTextsOf, type Cells, labelsOf } from "./rows";

/** Why a file can't be used, found before it is sent. */
export class FileRefused extends Error {}

/** The content that was made of a row's files, and the texts that the server has of it. */
export interface UploadedRow {
  readonly files: readonly File[];
  readonly content: Content;
  readonly texts: string;
}

/** Sends the files of a row, which become its content. Files that were sent before are not sent again, only other texts. */
export async function uploadRow(
  environment: Environment,
  projectId: string,
  cells: Cells,
  files: readonly File[],
  before: UploadedRow | undefined,
): Promise<UploadedRow> {
  const altTexts = altTextsOf(cells);
  const caption = cells.caption ?? "";
  const firstComment = cells.firstComment?.trim() || null;
  const labels = labelsOf(cells);
  const texts = JSON.stringify([caption, firstComment, altTexts, labels]);
  const client = clientOf(environment).content;
  if (before !== undefined && files.every((file, place) => before.files[place] === file)) {
    if (before.texts === texts) return before;
    const media = before.content.media.map(({ id }, place) => ({ assetId: id, altText: altTexts[place] || null }));
    const content = await client.update({ containerId: before.content.id, caption, firstComment, labels, media });
    return { ...before, content, texts };
  }
  const refusal = files.map(refusalOf).find((one) => one !== null);
  if (refusal != null) throw new FileRefused(refusal);
  const { items } = await client.openUploads({
    projectId,
    grouping: files.length === 1 ? "per-file" : "slideshow",
    files: files.flatMap(({ name, type, size }) =>
      isAccepted(type) ? [{ filename: name, contentType: type, sizeBytes: size }] : [],
    ),
  });
  const [expected] = items;
  if (expected === undefined) throw new FileRefused("The server expects no files. Check the row again.");
  const { signal } = new AbortController();
  for (const [place, target] of expected.files.entries()) {
    const file = files[place];
    if (file !== undefined) await putFile(target, file, { onProgress: () => undefined, signal });
  }
  const content = await client.finalizeUpload(
    {
      containerId: expected.containerId,
      caption,
      firstComment,
      labels,
      media: files.map((_, place) => ({ altText: altTexts[place] || null })),
    },
    { timeoutSeconds: finalizeSeconds(files.reduce((sum, { size }) => sum + size, 0)) },
  );
  return { files, content, texts };
}

// Files to upload: paths, Files, Blobs, bytes, streams, and { name, data }.
import { isObject, kindOf } from "./arguments.js";
import { InvalidArgumentError } from "./errors.js";
import type { ContentType } from "./generated/models.js";

/** The bytes of a file. Streams are read to their end before anything is sent. */
export type FileData = Blob | Uint8Array | ArrayBuffer | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** A file to upload: a path (Node only), a File, a Blob, bytes, a stream, or data with a name. */
export type FileSource = string | FileData | { readonly name: string; readonly data: FileData };

/** A file that was checked. */
export interface OpenFile {
  readonly name: string;
  readonly type: ContentType;
  readonly data: Blob;
}

const MAX_FILES = 35;
const MAX_MIXED = 20;
const KINDS = "one video, one picture, one PDF, 2–35 pictures, or 2–20 pictures and videos";
const TYPES: Readonly<Record<string, ContentType>> = {
  ".mp4": "video/mp4",
  ".mov": "video/quicktime",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".png": "image/png",
  ".webp": "image/webp",
  ".pdf": "application/pdf",
};
const EXTENSIONS: Readonly<Record<string, string>> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
  "video/mp4": "mp4",
  "video/quicktime": "mov",
  "application/pdf": "pdf",
};

/** Returns the files of an upload. Throws an InvalidArgumentError for one that can't be read or uploaded. */
export async function openFiles(sources: FileSource | Iterable<FileSource>): Promise<readonly OpenFile[]> {
  const given = listed(sources);
  if (given.length === 0 || given.length > MAX_FILES) {
    const count = given.length === 0 ? "There are no files to upload" : `There are ${given.length} files`;
    throw new InvalidArgumentError(`${count}. Pass ${KINDS}.`);
  }
  const files = await Promise.all(given.map((source, index) => openFile(source, index + 1)));
  const document = files.find((file) => file.type === "application/pdf");
  if (document !== undefined && files.length > 1) {
    throw new InvalidArgumentError(`${document.name} is a PDF among ${files.length} files. Upload a PDF alone.`);
  }
  if (files.length > MAX_MIXED && files.some((file) => file.type.startsWith("video/"))) {
    throw new InvalidArgumentError(`There are ${files.length} files with a video among them. Pass ${KINDS}.`);
  }
  return files;
}

function listed(sources: unknown): readonly FileSource[] {
  const isOne = typeof sources === "string" || isData(sources) || (isObject(sources) && "data" in sources);
  if (isOne) return [sources as FileSource];
  if (typeof sources === "object" && sources !== null && Symbol.iterator in sources) {
    return [...(sources as Iterable<FileSource>)];
  }
  throw new InvalidArgumentError(
    `The files are ${kindOf(sources)}. Pass a path, a File, a Blob, bytes, { name, data }, or an array of these.`,
  );
}

function isData(value: unknown): value is FileData {
  return (
    value instanceof Blob ||
    value instanceof Uint8Array ||
    value instanceof ArrayBuffer ||
    (typeof value === "object" && value !== null && (Symbol.asyncIterator in value || "getReader" in value))
  );
}

async function openFile(source: unknown, number: number): Promise<OpenFile> {
  if (typeof source === "string") return checked(baseOf(source), await openPath(source), number);
  if (isData(source)) return checked(nameOf(source), await blobOf(source, `File ${number}`), number);
  if (isObject(source) && typeof source["name"] === "string" && isData(source["data"])) {
    return checked(source["name"], await blobOf(source["data"], source["name"]), number);
  }
  const found = isObject(source) && "data" in source ? source["data"] : source;
  throw new InvalidArgumentError(
    `File ${number} is ${kindOf(found)}. Pass a path, a File, a Blob, bytes, a stream, or { name, data }.`,
  );
}

/** Returns the name of a File, or of a stream of Node, which has a path. */
function nameOf(data: object): string | undefined {
  const { name, path } = data as { name?: unknown; path?: unknown };
  if (typeof name === "string" && name) return name;
  return typeof path === "string" && path ? baseOf(path) : undefined;
}

function baseOf(path: string): string {
  return path.split(/[\\/]/).pop() || path;
}

async function blobOf(data: FileData, shown: string): Promise<Blob> {
  if (data instanceof Blob) return data;
  if (data instanceof Uint8Array || data instanceof ArrayBuffer) return new Blob([data as Uint8Array<ArrayBuffer>]);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  try {
    for await (const part of data as AsyncIterable<unknown>) {
      if (!(part instanceof Uint8Array)) {
        throw new InvalidArgumentError(`${shown} is a stream of ${typeof part}s. Pass a stream of bytes, without an encoding.`);
      }
      parts.push(part as Uint8Array<ArrayBuffer>);
    }
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw error;
    throw new InvalidArgumentError(`${shown} can't be read: ${error instanceof Error ? error.message : error}.`, { cause: error });
  }
  return new Blob(parts);
}

/** Opens a file as a Blob, which is read when it is sent; Node only. */
async function openPath(path: string): Promise<Blob> {
  if (/^https?:\/\//.test(path)) {
    throw new InvalidArgumentError(`${path} is a URL. Pass it to content.upload({ media: [{ url }] }), which fetches it.`);
  }
  const module = "node:fs"; // a variable, so that bundlers for browsers do not resolve it
  type FileSystem = {
    openAsBlob(path: string): Promise<Blob>;
    accessSync(path: string, mode: number): void;
    statSync(path: string): { isDirectory(): boolean };
  };
  let fs: FileSystem;
  try {
    fs = (await import(/* @vite-ignore */ module)) as FileSystem;
  } catch (error) {
    throw new InvalidArgumentError(`${path} is a path, which a browser can't read. Pass a File or a Blob.`, { cause: error });
  }
  try {
    if (fs.statSync(path).isDirectory()) throw new InvalidArgumentError(`${path} is a folder. Pass the path of a file.`);
    fs.accessSync(path, 4);
    return await fs.openAsBlob(path);
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw error;
    const code = (error as { code?: string }).code;
    if (code === "ENOENT") throw new InvalidArgumentError(`${path} does not exist. Check the path.`, { cause: error });
    throw new InvalidArgumentError(`${path} can't be read (${code ?? error}). Check the path and its permissions.`, { cause: error });
  }
}

async function checked(given: string | undefined, data: Blob, number: number): Promise<OpenFile> {
  const sniffed = typeOf(new Uint8Array(await data.slice(0, 16).arrayBuffer())) ?? known(data.type);
  const name = given ?? `file-${number}.${EXTENSIONS[sniffed ?? ""] ?? "bin"}`;
  if (data.size === 0) throw new InvalidArgumentError(`${name} is empty. Pass a picture, a video or a PDF.`);
  const type = TYPES[/\.[^.]+$/.exec(name)?.[0].toLowerCase() ?? ""] ?? sniffed;
  if (type === undefined) {
    throw new InvalidArgumentError(
      `${name} is not a picture, video or document that can be published. Pass a JPEG, PNG or WebP picture, an MP4 or MOV video, or a PDF, with its extension: .jpg, .png, .webp, .mp4, .mov or .pdf.`,
    );
  }
  return { name, type, data };
}

function known(type: string): ContentType | undefined {
  return type in EXTENSIONS ? (type as ContentType) : undefined;
}

/** Returns the media type that a file's first bytes show. */
function typeOf(head: Uint8Array): ContentType | undefined {
  const text = String.fromCharCode(...head);
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "image/webp";
  if (text.startsWith("%PDF-")) return "application/pdf";
  if (text.slice(4, 8) !== "ftyp") return undefined;
  return text.slice(8, 12) === "qt  " ? "video/quicktime" : "video/mp4";
}

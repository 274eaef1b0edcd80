import { type IDataObject, type IExecuteFunctions, NodeOperationError } from "n8n-workflow";
import { DateTime } from "luxon";
import { call, listAll, putBytes, send } from "./api";
import { idempotencyKey } from "./idempotency";
import { waitForPosts } from "./waiting";

/** Does one thing for one input item and returns the items that come of it. */
type Operation = (context: IExecuteFunctions, itemIndex: number) => Promise<IDataObject[]>;

/** Every operation, as resource.operation. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "account.get": (context, itemIndex) => read(context, itemIndex, "/v1/social-accounts", "accountId"),
  "account.getAll": (context, itemIndex) => list(context, itemIndex, "/v1/social-accounts"),
  "account.getPlaylists": playlists,
  "comment.get": (context, itemIndex) => read(context, itemIndex, "/v1/comments", "commentId"),
  "comment.getAll": (context, itemIndex) => list(context, itemIndex, "/v1/comments"),
  "comment.hide": (context, itemIndex) =>
    one(write(context, itemIndex, `/v1/comments/${id(context, "commentId", itemIndex)}/hide`, {})),
  "comment.reply": (context, itemIndex) =>
    one(
      write(context, itemIndex, `/v1/comments/${id(context, "commentId", itemIndex)}/reply`, {
        text: context.getNodeParameter("replyText", itemIndex),
      }),
    ),
  "content.approve": (context, itemIndex) => decide(context, itemIndex, "approve", ["note", "revision"]),
  "content.get": (context, itemIndex) => read(context, itemIndex, "/v1/content", "containerId"),
  "content.getAll": (context, itemIndex) => list(context, itemIndex, "/v1/content"),
  "content.reject": (context, itemIndex) => decide(context, itemIndex, "reject", ["revision"]),
  "content.upload": upload,
  "post.cancel": cancel,
  "post.get": (context, itemIndex) => read(context, itemIndex, "/v1/scheduled-posts", "postId"),
  "post.getAll": (context, itemIndex) => list(context, itemIndex, "/v1/scheduled-posts"),
  "post.publish": publish,
  "post.schedule": schedule,
  "post.wait": wait,
  "project.getAll": (context, itemIndex) => list(context, itemIndex, "/v1/projects"),
};

async function one(item: Promise<IDataObject>): Promise<IDataObject[]> {
  return [await item];
}

async function read(context: IExecuteFunctions, itemIndex: number, path: string, name: string): Promise<IDataObject[]> {
  return [await call(context, { method: "GET", path: `${path}/${id(context, name, itemIndex)}`, itemIndex })];
}

async function playlists(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject[]> {
  const path = `/v1/social-accounts/${id(context, "accountId", itemIndex)}/playlists`;
  return (await call(context, { method: "GET", path, itemIndex })).items as IDataObject[];
}

async function list(context: IExecuteFunctions, itemIndex: number, path: string): Promise<IDataObject[]> {
  const filters = context.getNodeParameter("filters", itemIndex, {}) as IDataObject;
  const projectId = context.getNodeParameter("projectId", itemIndex, "", { extractValue: true });
  const query = Object.fromEntries(
    Object.entries({ ...filters, projectId }).filter(([, value]) => value !== "" && value !== undefined),
  ) as IDataObject;
  for (const name of ["since", "until"]) {
    if (query[name]) query[name] = instant(context, query[name], name, itemIndex);
  }
  const limit = context.getNodeParameter("returnAll", itemIndex, false)
    ? Infinity
    : (context.getNodeParameter("limit", itemIndex, 50) as number);
  return listAll(context, { method: "GET", path, query, itemIndex }, limit);
}

async function decide(
  context: IExecuteFunctions,
  itemIndex: number,
  decision: "approve" | "reject",
  names: readonly string[],
): Promise<IDataObject[]> {
  const path = `/v1/content/${id(context, "containerId", itemIndex)}/${decision}`;
  const body = chosen(context, itemIndex, names);
  if (decision === "reject") body.reason = context.getNodeParameter("reason", itemIndex) as string;
  return [await write(context, itemIndex, path, body)];
}

async function upload(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject[]> {
  const projectId = id(context, "projectId", itemIndex);
  const texts = { caption: context.getNodeParameter("caption", itemIndex), ...chosen(context, itemIndex, ["firstComment"]) };
  const mediaFrom = context.getNodeParameter("mediaFrom", itemIndex);
  if (mediaFrom === "none") {
    const { caption: text, ...more } = texts;
    const { parts } = context.getNodeParameter("options", itemIndex, {}) as IDataObject;
    if (Array.isArray(parts) && parts.length > 0) {
      const thread = { text, parts: parts.map((part) => ({ text: String(part) })), ...link(context, itemIndex), ...more };
      return [await write(context, itemIndex, `/v1/projects/${projectId}/content`, thread)];
    }
    return [await write(context, itemIndex, `/v1/projects/${projectId}/content`, { text, ...link(context, itemIndex), ...more })];
  }
  if (mediaFrom === "url") {
    const urls = words(context.getNodeParameter("mediaUrls", itemIndex), /\s+/);
    const media = urls.map((url) => ({ url }));
    return [await write(context, itemIndex, `/v1/projects/${projectId}/content/upload`, { media, ...texts })];
  }
  const files = await Promise.all(
    words(context.getNodeParameter("binaryFields", itemIndex), /\s*,\s*/).map(async (name, index) => {
      const { fileName, mimeType } = context.helpers.assertBinaryData(itemIndex, name);
      const bytes = await context.helpers.getBinaryDataBuffer(itemIndex, name);
      return { filename: fileName ?? `file-${index + 1}`, contentType: mimeType, sizeBytes: bytes.length, bytes };
    }),
  );
  const { body: opened, isReplayed } = await send(context, {
    method: "POST",
    path: `/v1/projects/${projectId}/content/uploads`,
    body: {
      files: files.map(({ filename, contentType, sizeBytes }) => ({ filename, contentType, sizeBytes })),
      grouping: files.length === 1 ? "per-file" : "slideshow",
    },
    idempotencyKey: idempotencyKey(context, itemIndex),
    itemIndex,
  });
  const [container] = opened.items as IDataObject[];
  const containerId = container!.containerId as string;
  // An earlier try may have sent some of it, or completed the container, which then accepts no more bytes.
  const targets = isReplayed
    ? (await call(context, { method: "GET", path: `/v1/content/${containerId}/uploads`, itemIndex })).items
    : container!.files;
  for (const [index, { uploadUrl, multipart, headers }] of (targets as IDataObject[]).entries()) {
    const { bytes } = files[index]!;
    const { partSizeBytes, parts } = (multipart ?? { parts: [{ partNumber: 1, uploadUrl }] }) as IDataObject;
    const size = (partSizeBytes as number | undefined) ?? bytes.length;
    for (const { partNumber, uploadUrl: url } of parts as IDataObject[]) {
      const end = (partNumber as number) * size;
      await putBytes(context, url as string, headers as IDataObject, bytes.subarray(end - size, end), itemIndex);
    }
  }
  return [await write(context, itemIndex, `/v1/content/${containerId}/finalize-upload`, texts as IDataObject)];
}

/** The link of content without media, with the parts of its card that the user has set. */
function link(context: IExecuteFunctions, itemIndex: number): IDataObject {
  const url = String(context.getNodeParameter("link", itemIndex, "") ?? "").trim();
  const { linkTitle: title, linkDescription: description, linkImageUrl: imageUrl } = context.getNodeParameter(
    "options",
    itemIndex,
    {},
  ) as IDataObject;
  if (url === "") return {};
  const card = Object.entries({ title, description, imageUrl }).filter(([, value]) => value !== undefined && value !== "");
  return { link: { url, ...Object.fromEntries(card) } };
}

async function publish(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject[]> {
  const containerId = id(context, "containerId", itemIndex);
  const body = { targets: targets(context, itemIndex), ...chosen(context, itemIndex, ["strict"]) };
  const answer = await write(context, itemIndex, `/v1/content/${containerId}/publish`, body);
  const options = context.getNodeParameter("options", itemIndex, {}) as IDataObject;
  if (!options.waitUntilOver) return [{ containerId, ...answer }];
  return waitForPosts(context, answer.scheduledPostIds as string[], {
    timeoutSeconds: (options.timeoutSeconds as number | undefined) ?? 300,
    isTimeoutAnError: options.onTimeout !== "return",
    itemIndex,
  });
}

async function schedule(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject[]> {
  const containerId = id(context, "containerId", itemIndex);
  const body = { targets: targets(context, itemIndex), ...place(context, itemIndex), ...chosen(context, itemIndex, ["strict"]) };
  return [{ containerId, ...(await write(context, itemIndex, `/v1/content/${containerId}/schedule`, body)) }];
}

/** When the posts go out: at a time, or in the next slot of a queue. */
function place(context: IExecuteFunctions, itemIndex: number): IDataObject {
  if (context.getNodeParameter("publishIn", itemIndex, "time") === "queue") {
    return { queue: context.getNodeParameter("queue", itemIndex, "default") as string };
  }
  return { scheduledFor: instant(context, context.getNodeParameter("scheduledFor", itemIndex), "Publish At", itemIndex) };
}

async function cancel(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject[]> {
  const path = `/v1/scheduled-posts/${id(context, "postId", itemIndex)}`;
  const reason = chosen(context, itemIndex, ["reason"]);
  const body = Object.keys(reason).length === 0 ? {} : { body: reason };
  const key = idempotencyKey(context, itemIndex);
  return [await call(context, { method: "DELETE", path, ...body, idempotencyKey: key, itemIndex })];
}

async function wait(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject[]> {
  const postIds = words(context.getNodeParameter("postIds", itemIndex), /\s*,\s*/);
  if (postIds.length === 0) {
    throw new NodeOperationError(context.getNode(), "There are no posts to wait for", {
      description: "Pass at least one post ID. A schedule call for content that waits for approval creates none yet.",
      itemIndex,
    });
  }
  return waitForPosts(context, postIds, {
    timeoutSeconds: context.getNodeParameter("timeoutSeconds", itemIndex, 300) as number,
    isTimeoutAnError: context.getNodeParameter("onTimeout", itemIndex, "error") === "error",
    itemIndex,
  });
}

function write(context: IExecuteFunctions, itemIndex: number, path: string, body: IDataObject): Promise<IDataObject> {
  return call(context, { method: "POST", path, body, idempotencyKey: idempotencyKey(context, itemIndex), itemIndex });
}

function targets(context: IExecuteFunctions, itemIndex: number): IDataObject[] {
  if (context.getNodeParameter("targetsFrom", itemIndex, "accounts") === "json") {
    const given = context.getNodeParameter("targets", itemIndex);
    try {
      return (typeof given === "string" ? JSON.parse(given) : given) as IDataObject[];
    } catch (error) {
      throw new NodeOperationError(context.getNode(), "Targets is not valid JSON", {
        description: `${(error as Error).message}. Pass an array of targets.`,
        itemIndex,
      });
    }
  }
  const mode = context.getNodeParameter("mode", itemIndex, "publish");
  const texts = chosen(context, itemIndex, ["captionOverride", "firstCommentOverride", "joinParts"]);
  const { splitLongText } = context.getNodeParameter("options", itemIndex, {}) as IDataObject;
  const split = splitLongText ? { autoSplit: { numbering: splitLongText === "numbered" } } : {};
  const accounts = words(context.getNodeParameter("socialAccountIds", itemIndex), /\s*,\s*/);
  return accounts.map((socialAccountId) => ({ socialAccountId, mode, ...texts, ...split }));
}

/** Those of the optional fields that the user has added. */
function chosen(context: IExecuteFunctions, itemIndex: number, names: readonly string[]): IDataObject {
  const options = context.getNodeParameter("options", itemIndex, {}) as IDataObject;
  return Object.fromEntries(names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));
}

function id(context: IExecuteFunctions, name: string, itemIndex: number): string {
  return encodeURIComponent(String(context.getNodeParameter(name, itemIndex, "", { extractValue: true })).trim());
}

function words(given: unknown, separator: RegExp): string[] {
  const parts = Array.isArray(given) ? given.map(String) : String(given ?? "").trim().split(separator);
  return parts.filter((part) => part !== "");
}

/** A time as the API accepts it. One without an offset is in the time zone of the workflow. */
function instant(context: IExecuteFunctions, given: unknown, name: string, itemIndex: number): string {
  const text = given instanceof Date ? given.toISOString() : String(given);
  const time = DateTime.fromISO(text.trim().replace(" ", "T"), { zone: context.getTimezone() });
  if (time.isValid) return time.toUTC().toISO();
  throw new NodeOperationError(context.getNode(), `${name} is not a time: ${text}`, {
    description: "Pass an ISO 8601 time, like 2026-11-24T18:30:00Z.",
    itemIndex,
  });
}

import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult, INodePropertyOptions } from "n8n-workflow";
import { call, listAll } from "./api";
import { handleOf, platformName } from "./platforms";

/** The number of entries that one page of a list shows. */
const PAGE_LIMIT = 50;

/** The active projects, newest first. */
export async function searchProjects(
  this: ILoadOptionsFunctions,
  filter?: string,
  cursor?: string,
): Promise<INodeListSearchResult> {
  const page = await readPage(this, "/v1/projects", { status: "active" }, cursor);
  const wanted = filter?.toLowerCase() ?? "";
  const projects = page.items.filter(({ name }) => String(name).toLowerCase().includes(wanted));
  return { results: projects.map(({ id, name }) => ({ name: String(name), value: String(id) })), ...page.next };
}

/** Content that can be published, newest first; the server searches captions. */
export async function searchContent(
  this: ILoadOptionsFunctions,
  filter?: string,
  cursor?: string,
): Promise<INodeListSearchResult> {
  const page = await readPage(this, "/v1/content", { status: "completed", ...(filter ? { q: filter } : {}) }, cursor);
  return { results: page.items.map((item) => ({ name: shown(item.caption, item), value: String(item.id) })), ...page.next };
}

/** Posts; the server searches captions and handles. */
export async function searchPosts(
  this: ILoadOptionsFunctions,
  filter?: string,
  cursor?: string,
): Promise<INodeListSearchResult> {
  const page = await readPage(this, "/v1/scheduled-posts", { order: "desc", ...(filter ? { q: filter } : {}) }, cursor);
  const results = page.items.map((post) => {
    const { handle } = post.account as IDataObject;
    return { name: `${post.status}: ${handleOf(post.platform, handle)}, ${shown(post.caption, post)}`, value: String(post.id) };
  });
  return { results, ...page.next };
}

/** Comments of others, the newest first; those on the page are searched. */
export async function searchComments(
  this: ILoadOptionsFunctions,
  filter?: string,
  cursor?: string,
): Promise<INodeListSearchResult> {
  const page = await readPage(this, "/v1/comments", { own: false }, cursor);
  const results = page.items
    .map((comment) => ({ name: `${comment.author ?? "Someone"}: ${shown(comment.text, comment)}`, value: String(comment.id) }))
    .filter(({ name }) => !filter || name.toLowerCase().includes(filter.toLowerCase()));
  return { results, ...page.next };
}

/** Accounts; the server searches handles and names. */
export async function searchAccounts(
  this: ILoadOptionsFunctions,
  filter?: string,
  cursor?: string,
): Promise<INodeListSearchResult> {
  const page = await readPage(this, "/v1/social-accounts", filter ? { q: filter } : {}, cursor);
  const results = page.items.map((account) => ({ name: accountName(account), value: String(account.socialAccountId) }));
  return { results, ...page.next };
}

/** The connected accounts that the chosen content can go to, and whether each is ready for the chosen mode. */
export async function getAccounts(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  const mode = String(this.getCurrentNodeParameter("mode") ?? "publish");
  const containerId = this.getCurrentNodeParameter("containerId", { extractValue: true });
  const query: IDataObject = { status: "connected" };
  if (typeof containerId === "string" && /^cnt_[0-9a-f-]{36}$/i.test(containerId)) {
    query.projectId = (await call(this, { method: "GET", path: `/v1/content/${containerId}` })).projectId;
  }
  const accounts = await listAll(this, { method: "GET", path: "/v1/social-accounts", query }, 500);
  return accounts.map((account) => {
    const readiness = ((account.readiness ?? {}) as IDataObject)[mode] as IDataObject | undefined;
    const state = readiness === undefined || readiness.ready ? "ready" : `not ready: ${readiness.reason}`;
    return { name: `${accountName(account)} (${state})`, value: String(account.socialAccountId) };
  });
}

async function readPage(
  context: ILoadOptionsFunctions,
  path: string,
  query: IDataObject,
  cursor: string | undefined,
): Promise<{ items: IDataObject[]; next: { paginationToken?: string } }> {
  const page = await call(context, {
    method: "GET",
    path,
    query: { ...query, limit: PAGE_LIMIT, ...(cursor ? { cursor } : {}) },
  });
  return {
    items: page.items as IDataObject[],
    next: page.nextCursor ? { paginationToken: String(page.nextCursor) } : {},
  };
}

function accountName({ handle, platform }: IDataObject): string {
  return `${handleOf(platform, handle)} on ${platformName(platform)}`;
}

function shown(text: unknown, { createdAt }: IDataObject): string {
  const line = String(text ?? "").split("\n", 1)[0]!.trim();
  const day = String(createdAt).slice(0, 10);
  return line === "" ? `no caption, ${day}` : `${line.slice(0, 60)}, ${day}`;
}

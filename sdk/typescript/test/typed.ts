// Type expectations for the TypeScript SDK. Never run: `npm run types` checks it, and a wrong expectation fails there.
import {
  type ApiResponse,
  type FileSource,
  type LastError,
  type PublishResult,
  type ScheduledPost,
  type Status,
  type TargetParam,
  PressworkError,
  Presswork,
  target,
} from "../src/index.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(is: Same<A, B>): void;
declare const presswork: Presswork;

const answer = await presswork.publishing.publishNow(
  {
    containerId: "cnt_1",
    targets: [{ socialAccountId: "sa_1", mode: "publish", tiktokMusic: { mode: "auto" } }],
  },
  { idempotencyKey: crypto.randomUUID() },
);
same<typeof answer, PublishResult>(true);
// A whole Promise, so that libraries such as TanStack Query infer what it resolves to.
const promise: Promise<ScheduledPost> = presswork.publishing.getPost({ postId: "sp_1" });
const post = await promise;
same<typeof post.status, Status>(true);
same<typeof post.lastError, LastError | null>(true);
same<typeof post.publishedAt, string | null>(true);
for await (const one of presswork.publishing.listPosts({ projectId: "prj_1", status: ["failed"], since: new Date() })) {
  same<typeof one, ScheduledPost>(true);
}
const { data, response } = await presswork.publishing.getPost({ postId: "sp_1" }).withResponse();
same<typeof data, ScheduledPost>(true);
same<typeof response, ApiResponse>(true);

// Targets in every form: inline, in a map, with the helper, in a variable.
const { items: accounts } = await presswork.socialAccounts.list({ projectId: "prj_1" });
const containerId = "cnt_1";
presswork.publishing.publishNow({
  containerId,
  targets: accounts.map((account) => ({ socialAccountId: account.socialAccountId, mode: "publish" })),
});
const helped = accounts.map((account) => target(account.socialAccountId, "publish", { captionOverride: "Hello" }));
presswork.publishing.schedule({ containerId, targets: helped, scheduledFor: new Date() });
const typed: TargetParam[] = accounts.map(({ socialAccountId }) => ({ socialAccountId, mode: "draft" }));
presswork.publishing.preflight({ containerId, targets: [...typed, ...helped, { socialAccountId: "sa_1", mode: "managed" }] });

// Files of every kind, one or many.
declare const file: File;
const upload = { projectId: "prj_1", caption: "" };
const sources: FileSource[] = ["a.jpg", file, new Blob(), new Uint8Array(), new ArrayBuffer(8), { name: "a.jpg", data: new Uint8Array() }, file.stream()];
presswork.content.uploadFiles(file, upload);
presswork.content.uploadFiles(sources, upload, { idempotencyKey: "k" });
const done = await presswork.publishing.publishFiles("a.jpg", { ...upload, targets: helped, wait: true });
presswork.publishing.publishText("Hello", { projectId: "prj_1", targets: helped, link: "https://example.com" });
presswork.publishing.publishText("", { projectId: "prj_1", targets: helped, link: { url: "https://example.com", title: "Menu" } });
same<typeof done.posts, readonly ScheduledPost[]>(true);
same<Awaited<ReturnType<typeof presswork.publishing.waitAll>>, ScheduledPost[]>(true);
same<ReturnType<typeof presswork.withOptions>, Presswork>(true);
same<PressworkError["idempotencyKey"], string | undefined>(true);

// @ts-expect-error no such mode
target("sa_1", "post");
// @ts-expect-error the transport is internal
presswork.publishing._transport;
// @ts-expect-error no caption
presswork.content.uploadFiles(file, { projectId: "prj_1" });
// @ts-expect-error no targets
presswork.publishing.publishNow({ containerId: "cnt_1" });
// @ts-expect-error no account
presswork.publishing.publishNow({ containerId: "cnt_1", targets: [{ mode: "publish" }] });
// @ts-expect-error no such mode
presswork.publishing.publishNow({ containerId: "cnt_1", targets: [{ socialAccountId: "sa_1", mode: "post" }] });
// @ts-expect-error no such status
presswork.publishing.listPosts({ projectId: "prj_1", status: ["done"] });
// @ts-expect-error it is called status
post.state;
// @ts-expect-error results are read-only
post.status = "published";

// Type expectations for the TypeScript SDK. Never run: `npm run types` checks it, and a wrong expectation fails there.
import { type ApiResponse, type LastError, type PublishAnswer, type ScheduledPost, type Status, Presswork } from "../src/index.js";

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
same<typeof answer, PublishAnswer>(true);
const post = await presswork.publishing.getPost({ postId: "sp_1" });
same<typeof post.status, Status>(true);
same<typeof post.lastError, LastError | null>(true);
same<typeof post.publishedAt, string | null>(true);
for await (const one of presswork.publishing.listPosts({ projectId: "prj_1", status: ["failed"], since: new Date() })) {
  same<typeof one, ScheduledPost>(true);
}
const { data, response } = await presswork.publishing.getPost({ postId: "sp_1" }).withResponse();
same<typeof data, ScheduledPost>(true);
same<typeof response, ApiResponse>(true);

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

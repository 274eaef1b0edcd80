// The nodes against a real server behind a proxy that loses calls. WORLD has its names (tests/sdk/world.py).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { N8n } from "./n8n.mjs";

const world = JSON.parse(process.env.WORLD);
const credentials = { baseUrl: `${world.baseUrl}/`, apiKey: world.apiKey };
const n8n = new N8n(credentials);
const rl = (value) => ({ __rl: true, mode: "id", value });
const picture = (name) => ({ fileName: name, mimeType: "image/jpeg", data: readFileSync(world[name]).toString("base64") });
const project = rl(world.project);

const media = createServer((_, response) => response.end(readFileSync(world.picture)));
await new Promise((resolve) => media.listen(0, "127.0.0.1", resolve));
const mediaUrl = `http://127.0.0.1:${media.address().port}/picture.jpg`;
after(() => media.close());

const fault = (kind, more = {}) =>
  fetch(`${world.baseUrl}/proxy/fault`, { method: "POST", body: JSON.stringify({ kind, times: 1, ...more }) });
const upload = (more = {}) => ({
  resource: "content", operation: "upload", projectId: project, mediaFrom: "url", mediaUrls: mediaUrl, caption: "n8n", ...more,
});
const publish = (container, more = {}) => ({
  resource: "post", operation: "publish", containerId: rl(container), socialAccountIds: [world.instagram], ...more,
});
const uploaded = async (more) => (await n8n.node(upload(more)))[0].json;
const posts = async (container) =>
  (await n8n.node({ resource: "post", operation: "getAll", projectId: project, filters: { containerId: container } })).map(
    ({ json }) => json,
  );

test("binary data becomes one picture, or a slideshow of several fields", async () => {
  const binary = { data: picture("picture"), second: picture("secondPicture") };
  const given = { items: [{ json: {}, binary }] };
  const parameters = { ...upload({ caption: "from binary" }), mediaFrom: "binary", binaryFields: "data" };
  const [one] = await n8n.node(parameters, given);
  assert.deepEqual([one.json.status, one.json.caption, one.json.media.length], ["completed", "from binary", 1]);
  const [two] = await n8n.node({ ...parameters, binaryFields: "data, second" }, given);
  assert.deepEqual([two.json.mediaType, two.json.media.length, two.pairedItem], ["multi", 2, { item: 0 }]);
});

test("an upload that n8n tries again is completed once", async () => {
  const items = [{ json: {}, binary: { data: picture("picture") } }];
  const parameters = { ...upload(), mediaFrom: "binary", binaryFields: "data" };
  const [first] = await n8n.node(parameters, { items, executionId: "upload-again" });
  const [second] = await n8n.node(parameters, { items, executionId: "upload-again" });
  assert.equal(second.json.id, first.json.id);
});

test("binary data over 100 MB is sent in parts, which arrive before it is looked at", async () => {
  const data = Buffer.alloc(100_000_001).toString("base64");
  const items = [{ json: {}, binary: { data: { fileName: "film.mp4", mimeType: "video/mp4", data } } }];
  const parameters = { ...upload(), mediaFrom: "binary", binaryFields: "data" };
  for (const _ of ["first", "again"]) {
    await assert.rejects(n8n.node(parameters, { items, executionId: "large" }), /no video, picture or document/);
  }
});

test("without media, a text and a link are published as they are", async () => {
  const parameters = { ...upload({ caption: "Six new loaves" }), mediaFrom: "none", link: "" };
  const [text] = await n8n.node(parameters);
  assert.deepEqual([text.json.mediaType, text.json.text, text.json.link], ["text", "Six new loaves", null]);
  const options = { linkTitle: "Spring menu", linkDescription: "" };
  const [card] = await n8n.node({ ...parameters, caption: "", link: " https://bakery.invalid/menu ", options });
  const { url, title } = card.json.link;
  assert.deepEqual([url, title, card.json.warnings[0].code], ["https://bakery.invalid/menu", "Spring menu", "LINK_UNREADABLE"]);
  const wait = { socialAccountIds: [world.threads], options: { waitUntilOver: true } };
  assert.equal((await n8n.node(publish(card.json.id, wait)))[0].json.status, "published");
  await assert.rejects(n8n.node({ ...parameters, caption: " " }), /neither media nor a link/);
});

test("parts and a long text are published as threads", async () => {
  const parameters = { ...upload({ caption: "" }), mediaFrom: "none", link: "" };
  const [content] = await n8n.node({ ...parameters, options: { parts: ["Six new loaves", "Rye"] } });
  assert.deepEqual(content.json.parts.map(({ text }) => text), ["Six new loaves", "Rye"]);
  const to = (options) => ({ socialAccountIds: [world.threads], options: { waitUntilOver: true, ...options } });
  const [thread] = await n8n.node(publish(content.json.id, to({})));
  assert.deepEqual([thread.json.threadStatus, thread.json.parts.length], ["complete", 2]);
  const [long] = await n8n.node({ ...parameters, caption: "The first loaves are warm. ".repeat(30) });
  const [split] = await n8n.node(publish(long.json.id, to({ splitLongText: "numbered" })));
  assert.deepEqual([split.json.threadStatus, split.json.parts.length], ["complete", 2]);
  await assert.rejects(n8n.node(publish(content.json.id)), /joinParts/);
  await assert.rejects(n8n.node({ ...parameters, caption: "x", options: { parts: ["a", "b"] } }), /instead of text/);
});

test("a publish call whose response is lost posts once, and so does a node that n8n tries again", async () => {
  const { id } = await uploaded();
  await fault("cut_after");
  const given = { executionId: "try-again" };
  const [first] = await n8n.node(publish(id), given);
  const [second] = await n8n.node(publish(id), given);
  assert.deepEqual(second.json, first.json);
  assert.equal((await posts(id)).length, 1);
  await n8n.node(publish(id));
  assert.equal((await posts(id)).length, 2, "another execution posts again");
});

test("a Retry-After of more than a minute is not waited for, in seconds or as an HTTP date", async () => {
  const lists = { resource: "project", operation: "getAll" };
  for (const retryAfterFormat of ["seconds", "date"]) {
    await fault("answer", { status: 503, retryAfterSeconds: 3600, retryAfterFormat });
    await assert.rejects(n8n.node(lists), /Wait\./);
  }
  await fault("answer", { status: 503, retryAfterSeconds: 2, retryAfterFormat: "date" });
  const startedAt = Date.now();
  await n8n.node(lists);
  assert.ok(Date.now() - startedAt >= 1000, "the second call is not before the date");
});

test("items of one execution post once each, and a chosen key joins executions", async () => {
  const { id } = await uploaded();
  const items = [{ json: {} }, { json: {} }];
  const two = await n8n.node(publish(id), { items });
  assert.equal(new Set(two.flatMap(({ json }) => json.scheduledPostIds)).size, 2);
  const keyed = publish(id, { options: { idempotencyKey: `row-${id}` } });
  assert.deepEqual((await n8n.node(keyed))[0].json, (await n8n.node(keyed))[0].json);
});

test("a chosen key that is a number joins executions, and one that is no text and no number is an error", async () => {
  const { id } = await uploaded();
  const keyed = publish(id, { options: { idempotencyKey: "={{ $json.id }}" } });
  const row = (value) => ({ items: [{ json: { id: value } }] });
  const executions = [await n8n.node(keyed, row(42)), await n8n.node(keyed, row(42))];
  const [first, second] = executions.map(([item]) => item.json.scheduledPostIds);
  assert.deepEqual(second, first);
  for (const value of [undefined, null, NaN, true, { number: 42 }]) {
    await assert.rejects(n8n.node(keyed, row(value)), /Idempotency Key is no text and no number/, String(value));
  }
  assert.equal((await posts(id)).length, 1);
});

test("publish waits until the posts are over", async () => {
  const { id } = await uploaded();
  const socialAccountIds = [world.instagram, world.tiktok];
  const done = await n8n.node(publish(id, { socialAccountIds, options: { waitUntilOver: true, timeoutSeconds: 100 } }));
  assert.deepEqual(done.map(({ json }) => [json.socialAccountId, json.status]), socialAccountIds.map((it) => [it, "published"]));
});

test("a post is scheduled in the workflow's time zone, waited for in vain, and canceled", async () => {
  const { id } = await uploaded();
  const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
  const [scheduled] = await n8n.node({ ...publish(id), operation: "schedule", scheduledFor: `${day}T12:00:00` });
  const { scheduledPostIds, containerId } = scheduled.json;
  assert.equal(containerId, id);
  const berlin = new Intl.DateTimeFormat("en", { timeZone: "Europe/Berlin", hour: "numeric", hourCycle: "h23" });
  const [post] = await n8n.node({ resource: "post", operation: "get", postId: rl(scheduledPostIds[0]) });
  assert.equal(berlin.format(new Date(post.json.scheduledFor)), "12");

  const wait = { resource: "post", operation: "wait", postIds: scheduledPostIds, timeoutSeconds: 0 };
  await assert.rejects(n8n.node(wait), /1 of 1 posts are not over after 0 seconds/);
  const [asItIs] = await n8n.node({ ...wait, onTimeout: "return" });
  assert.equal(asItIs.json.status, "queued");

  const cancel = { resource: "post", operation: "cancel", postId: rl(post.json.id), options: { reason: "changed my mind" } };
  assert.equal((await n8n.node(cancel))[0].json.status, "canceled");
  assert.equal((await n8n.node({ ...wait, timeoutSeconds: 5 }))[0].json.status, "canceled");
});

test("an error has the API's sentence, its issues and its code", async () => {
  const { id } = await uploaded();
  const wrong = publish(id, { targetsFrom: "json", targets: '[{"socialAccountId": "me", "mode": "later"}]' });
  await assert.rejects(n8n.node(wrong), (error) => {
    assert.equal(error.constructor.name, "NodeApiError");
    assert.equal(error.httpCode, "422");
    assert.match(error.description, /targets\[0\]\.socialAccountId: .+\ntargets\[0\]\.mode: .+\nVALIDATION, request req_/s);
    return true;
  });
  const [kept] = await n8n.node(wrong, { continueOnFail: true });
  assert.match(kept.json.description, /VALIDATION/);
  const elsewhere = new N8n({ baseUrl: "http://127.0.0.1:9", apiKey: "lp_test_x" });
  await assert.rejects(elsewhere.node({ resource: "project", operation: "getAll" }), /Presswork can't be reached/);
});

test("content that waits for review is approved or rejected", async () => {
  const policy = (body) =>
    fetch(`${world.directUrl}/v1/projects/${world.project}/content-review-policy`, {
      method: "PATCH",
      headers: { Authorization: `Bearer ${world.apiKey}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  await policy({ policy: "review_all" });
  try {
    const [good, bad] = [await uploaded(), await uploaded()];
    const approve = { resource: "content", operation: "approve", containerId: rl(good.id) };
    assert.equal((await n8n.node(approve))[0].json.approvalStatus, "approved");
    const reject = { resource: "content", operation: "reject", containerId: rl(bad.id), reason: "Too dark" };
    assert.equal((await n8n.node(reject))[0].json.approvalStatus, "rejected");
  } finally {
    await policy({ policy: "auto_approve" });
  }
});

test("the editor's lists come from the API", async () => {
  const { id } = await uploaded({ caption: "listed by the editor" });
  const accounts = await n8n.list("loadOptions", "getAccounts", { mode: "publish", containerId: id });
  assert.deepEqual(
    accounts.find(({ value }) => value === world.instagram),
    { name: "@sdk.instagram on Instagram (ready)", value: world.instagram },
  );
  const managed = await n8n.list("loadOptions", "getAccounts", { mode: "managed", containerId: id });
  assert.match(managed[0].name, /not ready: no_managed/);
  const projects = await n8n.list("listSearch", "searchProjects", {}, "sdk");
  assert.ok(projects.results.some(({ value }) => value === world.project));
  const content = await n8n.list("listSearch", "searchContent", {}, "listed by the editor");
  assert.deepEqual(content.results.map(({ value }) => value), [id]);
  const [account] = (await n8n.list("listSearch", "searchAccounts", {}, "sdktiktok")).results;
  assert.equal(account.value, world.tiktok);
});

test("accounts, content and projects are listed with filters", async () => {
  const filters = { platform: ["tiktok"], status: ["connected"] };
  const found = await n8n.node({ resource: "account", operation: "getAll", projectId: project, filters });
  const accounts = [world.tiktok, world["tiktok of async"], world["tiktok of typescript"]];
  assert.deepEqual(found.map(({ json }) => json.socialAccountId).sort(), accounts.sort());
  const playlists = { resource: "account", operation: "getPlaylists", accountId: rl(world.tiktok) };
  assert.deepEqual(await n8n.node(playlists), []); // which only YouTube has
  const content = await n8n.node({ resource: "content", operation: "getAll", projectId: project, limit: 2 });
  assert.equal(content.length, 2);
  assert.ok((await n8n.node({ resource: "project", operation: "getAll", returnAll: true })).length > 0);
});

test("the example that publishes a picture runs", async () => {
  const workflow = n8n.load("publish-and-wait.json", {
    Upload: { projectId: project, mediaUrls: mediaUrl },
    Publish: { socialAccountIds: [world.instagram] },
  });
  const { Wait: waited } = await n8n.run(workflow);
  assert.deepEqual(waited.map(({ json }) => json.status), ["published"]);
});

test("the example with the trigger gets events, refuses forged ones, and leaves no endpoint", async () => {
  const endpoints = async () => {
    const headers = { Authorization: `Bearer ${world.apiKey}` };
    return (await (await fetch(`${world.directUrl}/v1/webhook-endpoints`, { headers })).json()).items;
  };
  const workflow = n8n.load("posts-that-ended.json", { "Post Ended": { projectId: project } });
  const trigger = await n8n.trigger(workflow);
  try {
    assert.ok(await trigger.activate());
    assert.ok(await trigger.exists());
    const [endpoint] = await endpoints();
    assert.deepEqual([endpoint.url, endpoint.events], [trigger.url, ["post.published", "post.failed"]]);

    const { id } = await uploaded({ caption: "for the trigger" });
    await n8n.node(publish(id));
    const event = await trigger.next();
    assert.deepEqual([event.items[0].json.type, event.items[0].json.data.containerId], ["post.published", id]);
    const { "Read Content": read } = await n8n.run(workflow, event.items);
    assert.equal(read[0].json.caption, "for the trigger");

    const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    const headers = Object.fromEntries(names.map((name) => [name, event.headers[name]]));
    const body = event.rawBody.toString().replace("post.published", "post.canceled");
    assert.equal((await fetch(trigger.url, { method: "POST", headers, body })).status, 400);
    assert.equal((await trigger.next()).items, undefined);
    const old = { ...headers, "webhook-timestamp": String(headers["webhook-timestamp"] - 3600) };
    assert.equal((await fetch(trigger.url, { method: "POST", headers: old, body: event.rawBody })).status, 400);

    delete n8n.staticData.signingSecret; // as after a restored database
    assert.ok(await trigger.activate());
    assert.equal((await endpoints()).length, 1, "the endpoint whose secret was lost is replaced");
    assert.ok(await trigger.deactivate());
    assert.deepEqual([await endpoints(), n8n.staticData], [[], {}]);
  } finally {
    await trigger.close();
  }
});

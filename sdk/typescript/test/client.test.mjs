// The TypeScript client against a real server: files of every kind, wrong arguments, errors, options and the log.
// tests/sdk/test_typescript_client.py runs it, with the server in WORLD and the built package in PACKAGE.
import assert from "node:assert/strict";
import { createReadStream, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { inspect } from "node:util";

const sdk = await import(process.env.PACKAGE);
const world = JSON.parse(process.env.WORLD);
const lines = [];
const logger = { info: (line) => lines.push(line), debug: (line) => lines.push(line) };
const presswork = new sdk.Presswork({ apiKey: world.apiKey, baseUrl: world.directUrl });
const nowhere = new sdk.Presswork({ apiKey: "lp_test_x", baseUrl: "http://127.0.0.1:8", maxRetries: 0 });
const bytes = readFileSync(world.picture);
const upload = { projectId: world.project, caption: "" };

const refused = async (call, message, kind = sdk.InvalidArgumentError) => {
  const error = await Promise.resolve()
    .then(call)
    .then(() => assert.fail("nothing was thrown"), (found) => found);
  assert.ok(error instanceof sdk.PressworkError, inspect(error));
  assert.equal(error.constructor, kind, inspect(error));
  if (message) assert.ok(String(error).includes(message), String(error));
  return error;
};

test("every kind of file is uploaded under its name", async () => {
  const kinds = [
    [() => world.picture, ["picture-1.jpg"]],
    [() => bytes, ["file-1.jpg"]],
    [() => new Uint8Array(bytes), ["file-1.jpg"]],
    [() => new Uint8Array(bytes).buffer, ["file-1.jpg"]],
    [() => new Blob([bytes]), ["file-1.jpg"]],
    [() => new File([bytes], "of-a-form.jpg"), ["of-a-form.jpg"]],
    [() => createReadStream(world.picture), ["picture-1.jpg"]],
    [() => new Blob([bytes]).stream(), ["file-1.jpg"]],
    [() => ({ name: "named.jpg", data: bytes }), ["named.jpg"]],
    [() => ({ name: "no-extension", data: createReadStream(world.picture) }), ["no-extension"]],
    [() => [world.picture, bytes, { name: "c.jpg", data: new Blob([bytes]) }], ["picture-1.jpg", "file-2.jpg", "c.jpg"]],
    [() => new Set([world.picture]), ["picture-1.jpg"]],
  ];
  for (const [source, names] of kinds) {
    const progress = [];
    const content = await presswork.content.uploadFiles(source(), { ...upload, onProgress: (one) => progress.push(one) });
    assert.deepEqual(content.media.map((item) => item.filename), names);
    assert.deepEqual(new Set(content.media.map((item) => item.sizeBytes)), new Set([bytes.length]));
    const totalBytes = bytes.length * names.length;
    assert.deepEqual(progress.at(-1), { filename: names.at(-1), sentBytes: totalBytes, totalBytes });
  }
});

test("a wrong file is refused before anything is sent", async () => {
  const clip = { name: "clip.mp4", data: bytes };
  const sources = [
    ["no-such-file.jpg", "no-such-file.jpg does not exist. Check the path."],
    [".", ". is a folder. Pass the path of a file."],
    ["https://example.com/a.jpg", "is a URL. Pass it to content.upload"],
    [[], "There are no files to upload."],
    [Array(36).fill(bytes), "There are 36 files."],
    [[clip, ...Array(20).fill(bytes)], "There are 21 files with a video among them."],
    [[{ name: "menu.pdf", data: new TextEncoder().encode("%PDF-1.7") }, bytes], "menu.pdf is a PDF among 2 files."],
    [new Uint8Array(), "file-1.bin is empty."],
    [new Uint8Array([1]), "file-1.bin is not a picture, video or document"],
    [{ name: "notes.txt", data: new Uint8Array([1]) }, "notes.txt is not a picture, video or document"],
    [{ name: "a.jpg" }, "The files are an Object."],
    [{ name: "a.jpg", data: "text" }, "File 1 is a string."],
    [undefined, "The files are undefined."],
    [7, "The files are a number."],
    [[bytes, null], "File 2 is null."],
    [createReadStream(world.picture, "utf8"), "File 1 is a stream of strings."],
    [() => createReadStream("no-such-file.jpg"), "File 1 can't be read: ENOENT"],
  ];
  for (const [source, message] of sources) {
    await refused(() => nowhere.content.uploadFiles(typeof source === "function" ? source() : source, upload), message);
  }
});

test("a wrong argument is refused before anything is sent", async () => {
  const targets = [{ socialAccountId: "sa_1", mode: "publish" }];
  const loop = {};
  loop.self = loop;
  const calls = [
    [() => new sdk.Presswork({ apiKey: 1 }), "apiKey is a number"],
    [() => new sdk.Presswork({ apiKey: "a b" }), "The API key is empty or has a space"],
    [() => new sdk.Presswork("lp_test_x"), "The options are a string."],
    [() => nowhere.withOptions({ baseUrl: "localhost:8000" }), 'baseUrl "localhost:8000" is not the address'],
    [() => nowhere.withOptions({ baseUrl: 1 }), "baseUrl a number is not the address"],
    [() => nowhere.withOptions({ timeoutSeconds: "5" }), 'timeoutSeconds is "5"'],
    [() => nowhere.withOptions({ maxRetries: -1 }), "maxRetries is -1"],
    [() => nowhere.withOptions({ log: "verbose" }), 'The log level is "verbose". Use info or debug.'],
    [() => nowhere.service.whoami({ headers: { "a b": "c" } }), "headers is not valid"],
    [() => nowhere.service.whoami({ headers: { a: "b\nc" } }), "headers is not valid"],
    [() => nowhere.publishing.getPost(), 'postId is missing. Pass it by name: { postId: "…" }.'],
    [() => nowhere.publishing.getPost("sp_1"), "postId is missing."],
    [() => nowhere.publishing.getPost({ postId: {} }), "postId is an Object."],
    [() => nowhere.publishing.getPost({ postId: "\ud800" }), "postId is"],
    [() => nowhere.publishing.getPost({ postId: "." }), 'postId is ".", which is no id.'],
    [() => nowhere.content.get({ containerId: ".." }), 'containerId is "..", which is no id.'],
    [() => nowhere.publishing.publishNow({ containerId: "c", targets: [{ mode: 1n }] }), "targets[0].mode is a bigint"],
    [() => nowhere.publishing.publishNow({ containerId: "c", targets: [{ mode: NaN }] }), "targets[0].mode is NaN"],
    [() => nowhere.publishing.publishNow({ containerId: "c", targets: loop }), "targets.self contains itself"],
    [() => nowhere.publishing.publishNow({ containerId: "c", targets: Promise.resolve() }), "Await it first."],
    [() => nowhere.publishing.schedule({ containerId: "c", targets, scheduledFor: new Date("x") }), "scheduledFor is an invalid Date"],
    [() => nowhere.content.update({ containerId: "c", caption: "\ud800" }), "caption is not valid text"],
    [() => nowhere.publishing.wait(""), "postIds[0] is empty"],
    [() => nowhere.publishing.waitAll(), "postIds is undefined"],
    [() => nowhere.publishing.publishFiles(bytes), "targets is undefined"],
    [() => nowhere.publishing.publishText("a"), "targets is undefined"],
    [() => nowhere.publishing.publishText("a", { targets }), "projectId is missing"],
    [() => nowhere.content.uploadFiles(bytes), "projectId is missing"],
    [async () => (await presswork.projects.list({ limit: 100 })).nextPage(), "This is the last page."],
  ];
  for (const [call, message] of calls) await refused(call, message);
  const kind = sdk.WebhookVerificationError;
  const signed = { "webhook-id": "m", "webhook-timestamp": "0", "webhook-signature": "v1,é" };
  await refused(() => sdk.webhooks.verify({}, signed, "whsec_AAAA", { nowSeconds: 0 }), "body is an Object", kind);
  await refused(() => sdk.webhooks.verify("{}", undefined, "whsec_AAAA"), "headers is undefined", kind);
  // An empty key: anyone can sign with it.
  for (const secret of ["whsec_AAAA", "whsec_", "", undefined]) {
    await refused(() => sdk.webhooks.verify("{}", signed, secret, { nowSeconds: 0 }), "", kind);
  }
});

test("errors print and serialize completely", async () => {
  const lost = await refused(() => nowhere.projects.create({ name: "a" }, { idempotencyKey: "k" }), "", sdk.APIConnectionError);
  assert.match(String(lost), /POST \/v1\/projects got no response from http:\/\/127\.0\.0\.1:8 in 1 attempt .*idempotencyKey: "k"/);
  assert.equal(JSON.parse(JSON.stringify(lost)).idempotencyKey, "k");
  const content = await presswork.content.uploadFiles(bytes, upload);
  const wrong = { containerId: content.id, targets: [{ socialAcountId: "x", mode: "publish" }] };
  const error = await refused(() => presswork.publishing.publishNow(wrong), "", sdk.ValidationError);
  const json = JSON.parse(JSON.stringify(error));
  const { name, code, statusCode, requestId, details, idempotencyKey } = json;
  assert.deepEqual([name, code, statusCode, requestId], ["ValidationError", "VALIDATION", 422, error.response.requestId]);
  assert.deepEqual(details, error.details);
  assert.equal(typeof idempotencyKey, "string");
  assert.equal("response" in json, false);
  assert.equal(error.issues.length, 2);
  for (const text of [String(error), inspect(error), error.stack]) {
    for (const fact of [requestId, "VALIDATION", ...error.issues.map(({ path, message }) => `${path}: ${message}`)]) {
      assert.ok(text.includes(fact), text);
    }
  }
});

test("a wait that takes too long says what is pending", async () => {
  const content = await presswork.content.uploadFiles(bytes, upload);
  const targets = [sdk.target(world.instagram, "publish"), sdk.target(world.instagram, "publish")];
  const scheduledFor = new Date(Date.now() + 86_400_000);
  const { scheduledPostIds } = await presswork.publishing.schedule({ containerId: content.id, targets, scheduledFor });
  const wait = () => presswork.publishing.waitAll(scheduledPostIds, { timeoutSeconds: 0.1 });
  const late = await refused(wait, "are not finished after 0.1 seconds", sdk.WaitTimeoutError);
  assert.deepEqual(late.pendingIds, scheduledPostIds);
  assert.deepEqual(late.posts.map((post) => post.status), ["queued", "queued"]);
});

test("posts of one container are read together, and the log has a line for each call but no secret", async () => {
  const content = await presswork.content.uploadFiles(bytes, upload);
  const targets = Array(4).fill(sdk.target(world.instagram, "publish"));
  const { scheduledPostIds } = await presswork.publishing.publishNow({ containerId: content.id, targets });
  const logged = presswork.withOptions({ log: "info", logger });
  const posts = await logged.publishing.waitAll(scheduledPostIds);
  assert.deepEqual(posts.map((post) => [post.id, post.status]), scheduledPostIds.map((id) => [id, "published"]));
  const single = new Set(lines.flatMap((line) => /GET \/v1\/scheduled-posts\/(\S+)/.exec(line)?.[1] ?? []));
  assert.ok(single.size <= 2, lines.join("\n")); // the first, and one that was left alone
  assert.match(lines[0], /^\S+ presswork-client: GET \/v1\/scheduled-posts\/sp_\S+ 200 \d+ ms req_\S+$/);
  lines.length = 0;
  const lossy = new sdk.Presswork({ apiKey: world.apiKey, baseUrl: world.baseUrl, log: "debug", logger });
  await fetch(`${world.baseUrl}/proxy/fault`, { method: "POST", body: JSON.stringify({ kind: "cut_after" }) });
  await lossy.projects.create({ name: "logged", timezone: "UTC" });
  assert.match(lines.join("\n"), /no response .*\n.* retry 1 in 0\.\d s .*\n.* 201 \d+ ms req_\S+ attempt 2 \(stored response\)$/);
  assert.equal(lines.join("\n").includes(world.apiKey), false);
});

test("PRESSWORK_LOG turns the log on, and another value has no effect", async () => {
  const logged = async (value) => {
    lines.length = 0;
    process.env.PRESSWORK_LOG = value;
    await new sdk.Presswork({ apiKey: world.apiKey, baseUrl: world.directUrl, logger }).service.whoami();
    delete process.env.PRESSWORK_LOG;
    return lines.join("\n");
  };
  assert.match(await logged("INFO"), /GET \/v1\/whoami 200 \d+ ms/);
  assert.equal(await logged("verbose"), 'PRESSWORK_LOG is "verbose", which has no effect. Use info or debug.');
});

test("a stream goes over lost connections: no event is missed, none comes twice", async () => {
  const fault = (kind) => fetch(`${world.baseUrl}/proxy/fault`, { method: "POST", body: JSON.stringify({ kind, times: 1 }) });
  const lossy = new sdk.Presswork({ apiKey: world.apiKey, baseUrl: world.baseUrl });
  const content = await presswork.content.uploadFiles(bytes, upload);
  const publish = async () => {
    const scheduledFor = new Date(Date.now() + 86_400_000);
    const targets = [sdk.target(world.instagram, "publish")];
    const { scheduledPostIds } = await presswork.publishing.schedule({ containerId: content.id, targets, scheduledFor });
    return scheduledPostIds[0];
  };
  const posts = [];
  const seen = [];
  const ids = [];
  const ended = new AbortController();
  let connected = 0;
  let isConnected = false;
  const onDisconnected = () => {
    isConnected = false;
  };
  const onConnected = async () => {
    assert.equal(isConnected, false, "a new connection follows the loss of the former one");
    isConnected = true;
    connected += 1;
    if (connected === 1) {
      await fault("cut_streams");
      posts.push(await publish());
    } else if (connected === 2) {
      posts.push(await publish(), await publish());
      await fault("cut_before");
      await fault("cut_streams");
      posts.push(await publish());
    }
  };
  for await (const event of lossy.events.stream({ onConnected, onDisconnected, signal: ended.signal })) {
    ids.push(event.id);
    if (event.type === "post.scheduled") seen.push(event.data.id);
    if (seen.length === 4) ended.abort();
  }
  assert.ok(connected >= 3);
  assert.deepEqual(seen, posts);
  assert.equal(new Set(ids).size, ids.length);
  for await (const event of presswork.events.stream({ after: ids.at(-2) })) {
    assert.equal(event.id, ids.at(-1));
    break;
  }
  for await (const event of presswork.events.stream({ after: "evt_00000000000000000000000000" })) {
    assert.deepEqual(event, { type: "stream.reset" });
    break;
  }
  let attempts = 0;
  const resuming = async (...request) => {
    if (++attempts === 2) await publish();
    return fetch(...request);
  };
  await fault("cut_after");
  for await (const event of lossy.withOptions({ fetch: resuming }).events.stream({ after: "evt_00000000000000000000000000" })) {
    assert.deepEqual([event, attempts], [{ type: "stream.reset" }, 2], "a reset that was lost comes again");
    break;
  }
  const wrong = presswork.withOptions({ apiKey: "lp_test_wrong" });
  await refused(() => wrong.events.stream().next(), "", sdk.UnauthenticatedError);
  await refused(() => nowhere.events.stream({ maxRetries: 0 }).next(), "got no response", sdk.APIConnectionError);
});

test("publishFiles publishes now only without a time: an empty one is refused", async () => {
  const params = { ...upload, targets: [sdk.target(world.instagram, "publish")] };
  const before = (await presswork.publishing.listPosts({ projectId: world.project, limit: 100 })).items.length;
  const error = await refused(
    () => presswork.publishing.publishFiles(bytes, { ...params, scheduledFor: "" }), "", sdk.ValidationError,
  );
  assert.deepEqual(error.issues.map(({ path }) => path), ["scheduledFor"]);
  const after = (await presswork.publishing.listPosts({ projectId: world.project, limit: 100 })).items.length;
  assert.equal(after, before);
  for (const scheduledFor of [undefined, null]) {
    const { answer } = await presswork.publishing.publishFiles(bytes, { ...params, scheduledFor });
    assert.equal(answer.scheduledPostIds.length, 1);
  }
});

test("options change a copy", async () => {
  await refused(() => presswork.withOptions({ apiKey: "lp_test_wrong" }).service.whoami(), "", sdk.UnauthenticatedError);
  const { data, response } = await presswork.withOptions({ baseUrl: world.baseUrl, timeoutSeconds: Infinity }).service.whoami().withResponse();
  assert.deepEqual([data.environment, response.statusCode], ["test", 200]);
  assert.equal(inspect(presswork, { depth: 9, showHidden: true }).includes(world.apiKey), false);
});

test("the public surface is as listed", () => {
  const errors = Object.keys(sdk).filter((name) => name.endsWith("Error"));
  assert.deepEqual(
    Object.keys(sdk).filter((name) => !errors.includes(name)).sort(),
    ["ApiPromise", "ApiResponse", "Page", "Pages", "Presswork", "VERSION", "default", "errorsByCode", "target", "webhooks"],
  );
  const own = (thing) => Object.getOwnPropertyNames(thing).filter((name) => name !== "constructor" && !name.startsWith("_"));
  assert.deepEqual(own(sdk.Presswork.prototype), ["withOptions"]);
  assert.deepEqual(own(presswork).sort(), [
    "agents", "apiKeys", "approval", "auditLog", "auth", "baseUrl", "channels", "comments", "connectLinks", "content", "drafts", "events", "imports",
    "labels", "layers", "maxRetries", "music", "notifications", "operators", "platforms", "portalLinks", "projects", "provisioning", "publishing",
    "queues", "recurrences", "results", "reviewLinks", "sandbox", "savedReplies", "service", "sessions", "snippets", "socialAccounts", "system",
    "tiktokPostLinks", "timeoutSeconds", "users", "webhooks",
  ]);
  assert.deepEqual(own(Object.getPrototypeOf(presswork.publishing)), ["exportPosts", "publishFiles", "publishText", "wait", "waitAll"]);
  assert.deepEqual(own(Object.getPrototypeOf(presswork.content)), ["uploadFiles"]);
});

test("a session sends cookies and its headers, and no key", async () => {
  const sent = [];
  const answer = { status: 200, headers: { "Content-Type": "application/json" } };
  const fetching = async (url, init) => (sent.push({ url, ...init }), new Response('{"user":null}', answer));
  const session = new sdk.Presswork({ session: true, environment: "live", baseUrl: "https://press.example.com", fetch: fetching });
  assert.deepEqual(await session.auth.getSession(), { user: null });
  await session.withOptions({ environment: "test" }).auth.signOut();
  const [read, write] = sent;
  assert.equal(read.url, "https://press.example.com/v1/auth/session");
  assert.deepEqual(sent.map((one) => one.credentials), ["include", "include"]);
  assert.deepEqual(sent.map((one) => one.headers["X-Presswork-Environment"]), ["live", "test"]);
  assert.deepEqual(sent.map((one) => one.headers["X-Presswork-Console"]), ["1", "1"]);
  assert.equal(read.headers.Authorization, undefined);
  assert.equal(write.method, "POST");
  await refused(() => new sdk.Presswork({ session: true, apiKey: "lp_test_x" }), "Pass one");
  await refused(() => new sdk.Presswork({ apiKey: "lp_test_x", environment: "live" }), "A key has its own");
  await refused(() => new sdk.Presswork({ session: true, environment: "prod" }), '"test" or "live"');
});

test("a page signs in at the server that serves it", async () => {
  globalThis.location = { origin: world.directUrl };
  const session = new sdk.Presswork({ session: true });
  delete globalThis.location;
  assert.equal(session.baseUrl, world.directUrl);
  assert.equal((await session.auth.getSession()).user, null);
  const wrong = { email: "unknown@example.com", password: "wrong password" };
  await refused(() => session.auth.signIn(wrong), "is wrong", sdk.UnauthenticatedError);
});

test("a write has a random UUID as its key, also in a page over plain http, which has no crypto.randomUUID", async () => {
  const keys = [];
  const answer = { status: 200, headers: { "Content-Type": "application/json" } };
  const fetching = async (_, init) => (keys.push(init.headers["Idempotency-Key"]), new Response("{}", answer));
  const client = new sdk.Presswork({ apiKey: "lp_test_x", baseUrl: "http://press.lan", fetch: fetching });
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  try {
    for (let call = 0; call < 2; call++) await client.projects.create({ name: "a" });
  } finally {
    delete crypto.randomUUID;
  }
  assert.equal(new Set(keys).size, 2);
  for (const key of keys) assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("an upload that fails is repeated with the key of its error, whichever of its calls gets no response", async () => {
  for (const lost of [1, 2, 3]) {
    const keys = [];
    const fetching = async (url, init) => {
      keys.push(init.headers["Idempotency-Key"]);
      if (keys.length === lost) throw new TypeError("lost");
      return fetch(url, init);
    };
    const client = presswork.withOptions({ fetch: fetching, maxRetries: 0 });
    const { idempotencyKey } = await refused(() => client.content.uploadFiles(bytes, upload), "lost", sdk.APIConnectionError);
    assert.equal((await client.content.uploadFiles(bytes, upload, { idempotencyKey })).status, "completed");
    assert.deepEqual(new Set(keys.filter((key) => key !== undefined)), new Set([idempotencyKey]));
  }
});

test("a file may take longer than a call, unless the call has a timeout of its own", async () => {
  const opened = { items: [{ containerId: "cnt_1", files: [{ uploadUrl: "http://files.lan/1", headers: {} }] }] };
  const fetching = async (url, { method, signal }) => {
    if (method === "PUT") await pause(200, undefined, { signal });
    const body = String(url).endsWith("/uploads") ? opened : { id: "cnt_1" };
    return new Response(JSON.stringify(body), { status: 200, headers: { "Content-Type": "application/json" } });
  };
  const quick = { apiKey: "lp_test_x", baseUrl: "http://press.lan", timeoutSeconds: 0.1, maxRetries: 0 };
  const client = new sdk.Presswork({ ...quick, fetch: fetching });
  assert.equal((await client.content.uploadFiles(bytes, upload)).id, "cnt_1");
  await refused(() => client.content.uploadFiles(bytes, upload, { timeoutSeconds: 0.1 }), "timeout", sdk.APITimeoutError);
});

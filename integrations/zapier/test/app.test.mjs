// The app against a real server, with a stand-in for what Zapier gives it. WORLD has the names of the server (tests/sdk/world.py).
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, test } from "node:test";

const app = createRequire(import.meta.url)("../index.js");
const world = JSON.parse(process.env.WORLD);
const authData = { serverUrl: world.directUrl, apiKey: world.apiKey };

const media = createServer((_, response) => response.end(readFileSync(world.picture)));
await new Promise((resolve) => media.listen(0, "127.0.0.1", resolve));
after(() => media.close());
const mediaUrl = `http://127.0.0.1:${media.address().port}/picture.jpg`;

class ZapierError extends Error {
  constructor(message, code, status) {
    super(message);
    Object.assign(this, { code, status });
  }
}
class ThrottledError extends Error {}
class ExpiredAuthError extends Error {}

/** What Zapier gives a function: requests with the template of the app, and errors. */
const z = (bundle) => {
  const fill = (text) => text.replace(/\{\{bundle\.authData\.(\w+)\}\}/g, (_, name) => bundle.authData[name]);
  const errors = { Error: ZapierError, ThrottledError, ExpiredAuthError };
  const request = async ({ method = "GET", url, params = {}, body, headers = {} }) => {
    const template = Object.entries(app.requestTemplate.headers).map(([name, value]) => [name, fill(value)]);
    const answer = await fetch(`${fill(url)}?${new URLSearchParams(params)}`, {
      method,
      headers: { ...Object.fromEntries(template), ...headers, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const data = await answer.json();
    const response = { status: answer.status, data, json: data, getHeader: (name) => answer.headers.get(name) };
    return app.afterResponse.reduce((result, step) => step(result, { errors }), response);
  };
  return { request, errors };
};
const run = (perform, inputData = {}, more = {}) => {
  const bundle = { authData, inputData, meta: { zap: { id: 1 } }, ...more };
  return perform(z(bundle), bundle);
};
const create = (key, inputData, more) => run(app.creates[key].operation.perform, inputData, more);
const find = (key, inputData) => run(app.searches[key].operation.perform, inputData);

test("the connection is tested with the key", async () => {
  const bundle = { authData };
  const { data } = await z(bundle).request(app.authentication.test);
  assert.equal(data.environment, "test");
  await assert.rejects(run(app.triggers.listProjects.operation.perform, {}, { authData: { ...authData, apiKey: "wrong" } }), ExpiredAuthError);
});

test("content is created, published once and read, from what a person fills in", async () => {
  const projects = await run(app.triggers.listProjects.operation.perform);
  assert.ok(projects.some((project) => project.id === world.project && project.name));
  const accounts = await run(app.triggers.listAccounts.operation.perform, { projectId: world.project });
  assert.ok(accounts.some((account) => account.id === world.instagram && account.handle));

  const fields = { projectId: world.project, media: [{ url: mediaUrl, altText: "" }], caption: "Zapier", firstComment: "", labels: [] };
  const content = await create("uploadContent", fields);
  assert.deepEqual([content.status, content.media.length], ["completed", 1]);
  assert.equal((await create("uploadContent", fields)).id, content.id);

  const targets = [{ socialAccountId: world.instagram, mode: "publish", captionOverride: "" }];
  const publish = { containerId: content.id, projectId: world.project, targets };
  const published = await create("publishContent", publish);
  assert.deepEqual(await create("publishContent", publish), published);
  const [post] = await find("getPost", { postId: published.scheduledPostIds[0] });
  assert.deepEqual([post.containerId, post.captionOverride], [content.id, null]);

  const scheduledFor = new Date(Date.now() + 86_400_000).toISOString();
  const scheduled = await create("scheduleContent", { ...publish, scheduledFor, queue: "" });
  assert.equal(scheduled.gateStatus, "queued");
});

test("an error has the sentence of the server", async () => {
  await assert.rejects(find("getPost", { postId: "sp_00000000-0000-0000-0000-000000000000" }), { name: "Error", code: "NOT_FOUND", status: 404 });
});

test("a Zap has an endpoint while it is on, and starts on signed events only", async () => {
  const { perform, performSubscribe, performUnsubscribe } = app.triggers.event.operation;
  const subscribeData = await run(performSubscribe, { events: ["post.published"] }, { targetUrl: "http://127.0.0.1:40001/hook" });
  const content = '{"id":"evt_1","type":"post.published"}';
  const key = Buffer.from(subscribeData.signingSecret.replace("whsec_", ""), "base64");
  const signature = createHmac("sha256", key).update(`evt_1.1700000000.${content}`).digest("base64");
  const headers = { "Http-Webhook-Id": "evt_1", "Http-Webhook-Timestamp": "1700000000", "Http-Webhook-Signature": `v1,AAAA v1,${signature}` };
  const given = { subscribeData, cleanedRequest: JSON.parse(content) };
  assert.equal((await run(perform, {}, { ...given, rawRequest: { headers, content } })).length, 1);
  assert.equal((await run(perform, {}, { ...given, rawRequest: { headers, content: content.replace("evt_1", "evt_2") } })).length, 0);
  assert.equal((await run(perform, {}, { ...given, rawRequest: { headers: {}, content } })).length, 0);
  await run(performUnsubscribe, {}, { subscribeData });
  await assert.rejects(run(performUnsubscribe, {}, { subscribeData }), { code: "NOT_FOUND" });
});

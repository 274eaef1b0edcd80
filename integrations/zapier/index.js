"use strict";

// The app as Zapier loads it: app.json, which is generated from the API, and the functions that send its requests.

const { createHash, createHmac, timingSafeEqual } = require("node:crypto");
const { requests, ...definition } = require("./app.json");
const { dependencies } = require("./package.json");

const baseUrl = (bundle) => bundle.authData.serverUrl.replace(/\/+$/, "");
const isGiven = (value) => value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);

/** The values that a person has filled in, also of the objects in a list. */
function pick(names = [], values) {
  const given = names.filter((name) => isGiven(values[name])).map((name) => [name, values[name]]);
  const plain = (one) => (typeof one === "object" ? pick(Object.keys(one), one) : one);
  return Object.fromEntries(given.map(([name, value]) => [name, Array.isArray(value) ? value.map(plain) : value]));
}

/** Send a request of app.json and return its response: the rows of a list, otherwise the document. */
async function send(z, bundle, key) {
  const { method, path, query, body, isList } = requests[key];
  const input = bundle.inputData;
  const response = await z.request({
    method,
    url: baseUrl(bundle) + path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(input[name])),
    params: { ...pick(query, input), ...(isList ? { limit: 200 } : {}) },
    ...(body ? { body: pick(body, input), headers: { "Idempotency-Key": idempotencyKey(bundle, key, input) } } : {}),
  });
  return isList ? response.data.items : response.data;
}

/** The same step with the same data is one call, also if Zapier runs it again: Presswork keeps the response for 24 hours. */
function idempotencyKey(bundle, key, input) {
  return createHash("sha256").update(JSON.stringify([bundle.meta?.zap?.id ?? null, key, input])).digest("hex");
}

/** Zapier shows the sentence of an error; a call that came too soon is repeated. */
function checkStatus(response, z) {
  if (response.status < 400) return response;
  const error = response.json?.error ?? {};
  const message = error.message ?? `The server returned ${response.status}.`;
  if (response.status === 429) throw new z.errors.ThrottledError(message, Number(response.getHeader("retry-after")) || 60);
  if (response.status === 401) throw new z.errors.ExpiredAuthError(message);
  throw new z.errors.Error(message, error.code, response.status);
}

async function subscribe(z, bundle) {
  const response = await z.request({
    method: "POST",
    url: `${baseUrl(bundle)}/v1/webhook-endpoints`,
    body: { url: bundle.targetUrl, events: bundle.inputData.events, description: "Zapier" },
  });
  return { id: response.data.endpoint.id, signingSecret: response.data.signingSecret };
}

async function unsubscribe(z, bundle) {
  const url = `${baseUrl(bundle)}/v1/webhook-endpoints/${bundle.subscribeData.id}`;
  return (await z.request({ method: "DELETE", url })).data;
}

/** Accept an event that Presswork has signed (Standard Webhooks). Zapier sends headers on as Http-Webhook-Id. */
function receive(z, bundle) {
  const headers = Object.fromEntries(
    Object.entries(bundle.rawRequest.headers).map(([name, value]) => [name.toLowerCase().replace(/^http-/, ""), value]),
  );
  const key = Buffer.from(bundle.subscribeData.signingSecret.replace(/^whsec_/, ""), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${bundle.rawRequest.content}`;
  const expected = createHmac("sha256", key).update(signed).digest();
  const isSigned = (headers["webhook-signature"] ?? "").split(" ").some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ""), "base64");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return isSigned ? [bundle.cleanedRequest] : [];
}

/** Zapier distinguishes the rows of a list by their `id`. */
const withIds = (rows) => rows.map((row) => ({ id: row.socialAccountId, ...row }));
const list = (key) => async (z, bundle) => withIds(await send(z, bundle, key));
const search = (key) => async (z, bundle) => [await send(z, bundle, key)];

function performing(actions, makePerform) {
  return Object.fromEntries(
    Object.entries(actions).map(([key, action]) => [
      key,
      { ...action, operation: { ...action.operation, perform: makePerform(key) } },
    ]),
  );
}

const { event, ...lists } = definition.triggers;

module.exports = {
  ...definition,
  platformVersion: dependencies["zapier-platform-core"],
  authentication: {
    ...definition.authentication,
    test: { url: "{{bundle.authData.serverUrl}}/v1/whoami" },
  },
  requestTemplate: { headers: { Authorization: "Bearer {{bundle.authData.apiKey}}" }, skipThrowForStatus: true },
  afterResponse: [checkStatus],
  triggers: {
    event: {
      ...event,
      operation: { ...event.operation, perform: receive, performSubscribe: subscribe, performUnsubscribe: unsubscribe },
    },
    ...performing(lists, list),
  },
  creates: performing(definition.creates, (key) => (z, bundle) => send(z, bundle, key)),
  searches: performing(definition.searches, (key) => (requests[key].isList ? list(key) : search(key))),
};

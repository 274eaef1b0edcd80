// Runs workflows with n8n's own model of a workflow (n8n-workflow): its default parameters, expressions and errors. What
// n8n-core adds, this file does in a small form: HTTP calls with a credential, binary data, and webhooks.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const { Workflow } = require("n8n-workflow");
const { PressworkApi } = require("../dist/credentials/PressworkApi.credentials.js");
const { Presswork } = require("../dist/nodes/Presswork/Presswork.node.js");
const { PressworkTrigger } = require("../dist/nodes/PressworkTrigger/PressworkTrigger.node.js");

const MANUAL = { description: { properties: [], inputs: [], outputs: ["main"] }, execute: async () => [[{ json: {} }]] };
const TYPES = {
  "n8n-nodes-presswork.presswork": new Presswork(),
  "n8n-nodes-presswork.pressworkTrigger": new PressworkTrigger(),
  "n8n-nodes-base.manualTrigger": MANUAL,
};
const nodeTypes = { getByName: (name) => TYPES[name], getByNameAndVersion: (name) => TYPES[name], getKnownTypes: () => ({}) };

/** The credential's `authenticate`, which n8n fills in for each request. */
function authorized(credentials, headers) {
  const { authenticate } = new PressworkApi();
  const filled = Object.entries(authenticate.properties.headers).map(([name, template]) => [
    name,
    template.slice(1).replace(/\{\{\$credentials\.(\w+)\}\}/g, (_, field) => credentials[field]),
  ]);
  return { ...headers, ...Object.fromEntries(filled) };
}

async function httpRequest({ method, url, qs = {}, headers = {}, body }) {
  const address = new URL(url);
  for (const [name, value] of Object.entries(qs)) [value].flat().forEach((item) => address.searchParams.append(name, item));
  const response = await fetch(address, { method, headers, body });
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

/** One n8n with one credential. Each run is an execution with a new id, unless one is given. */
export class N8n {
  #executions = 0;
  staticData = {};

  constructor(credentials, { instanceId = crypto.randomUUID() } = {}) {
    this.credentials = credentials;
    this.instanceId = instanceId;
  }

  /** Imports a workflow of `examples/`, as a person does who then changes some parameters. */
  load(name, changes = {}) {
    const workflow = JSON.parse(readFileSync(new URL(`../examples/${name}`, import.meta.url), "utf8"));
    for (const node of workflow.nodes) Object.assign(node.parameters, changes[node.name]);
    return workflow;
  }

  /** Runs one Presswork node on items and returns its output items. */
  async node(parameters, { items = [{ json: {} }], executionId, continueOnFail = false } = {}) {
    const node = { id: "the-node", name: "Presswork", type: "n8n-nodes-presswork.presswork", typeVersion: 1, position: [0, 0] };
    const workflow = this.#workflow({ id: "one-node", nodes: [{ ...node, parameters }], connections: {} });
    const started = { executionId: executionId ?? String(++this.#executions), continueOnFail };
    return this.#execute(workflow, workflow.getNode("Presswork"), items, started);
  }

  /** Runs a workflow from its first node, or from an item that its trigger returned. Returns all nodes' output. */
  async run(definition, triggered) {
    const workflow = this.#workflow(definition);
    const started = { executionId: String(++this.#executions), continueOnFail: false };
    const [first] = definition.nodes;
    const output = { [first.name]: triggered ?? (await this.#execute(workflow, workflow.getNode(first.name), [], started)) };
    for (let name = first.name; definition.connections[name]; ) {
      const next = definition.connections[name].main[0][0].node;
      output[next] = await this.#execute(workflow, workflow.getNode(next), output[name], started);
      name = next;
    }
    return output;
  }

  /** What a list of the editor shows: `listSearch` or `loadOptions` of the node. */
  async list(kind, method, parameters, ...given) {
    const context = this.#functions({ id: "n", name: "Presswork" });
    context.getCurrentNodeParameter = (name) => parameters[name];
    return TYPES["n8n-nodes-presswork.presswork"].methods[kind][method].call(context, ...given);
  }

  /** The trigger of a workflow: its hooks on activation and deactivation, and its webhook at a local URL. */
  async trigger(definition) {
    const received = [];
    const waiting = [];
    const node = definition.nodes[0];
    const type = TYPES[node.type];
    const settle = (outcome) => (waiting.length ? waiting.shift()(outcome) : received.push(outcome));
    const server = createServer(async (request, response) => {
      const rawBody = Buffer.concat(await request.toArray());
      const context = {
        ...this.#functions(node),
        getRequestObject: () => ({ headers: request.headers, rawBody }),
        getResponseObject: () => ({
          status: (code) => ({ json: (body) => response.writeHead(code).end(JSON.stringify(body)) }),
        }),
        getBodyData: () => JSON.parse(rawBody),
      };
      const answer = await type.webhook.call(context);
      if (!answer.noWebhookResponse) response.writeHead(200).end("{}");
      settle({ items: answer.workflowData?.[0], headers: request.headers, rawBody });
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${server.address().port}/webhook/${node.webhookId}/webhook`;
    const workflow = this.#workflow(definition);
    const hooks = (name) => {
      const context = {
        ...this.#functions(node),
        getNodeWebhookUrl: () => url,
        getWorkflow: () => ({ id: "w", name: definition.name }),
        getNodeParameter: (field, fallback) => value(workflow.getNode(node.name).parameters[field]) ?? fallback,
      };
      return type.webhookMethods.default[name].call(context);
    };
    return {
      url,
      exists: () => hooks("checkExists"),
      activate: async () => (await hooks("checkExists")) || (await hooks("create")),
      deactivate: () => hooks("delete"),
      next: () => (received.length ? received.shift() : new Promise((resolve) => waiting.push(resolve))),
      close: () => new Promise((resolve) => server.close(resolve)),
    };
  }

  #workflow(definition) {
    return new Workflow({ ...definition, id: definition.id ?? "w", active: false, nodeTypes, settings: {} });
  }

  #functions(node) {
    const { credentials, staticData } = this;
    return {
      getNode: () => node,
      getCredentials: async () => credentials,
      getWorkflowStaticData: () => staticData,
      helpers: {
        httpRequest,
        httpRequestWithAuthentication: (_name, options) =>
          httpRequest({ ...options, headers: authorized(credentials, options.headers) }),
        returnJsonArray: (found) => [found].flat().map((json) => ({ json })),
      },
    };
  }

  async #execute(workflow, node, items, { executionId, continueOnFail }) {
    const functions = this.#functions(node);
    const parameter = (name, itemIndex, fallback) => {
      const found = name.split(".").reduce((outer, key) => outer?.[key], node.parameters);
      if (found === undefined) return fallback;
      const keys = {};
      return value(workflow.expression.getParameterValue(found, null, 0, itemIndex, node.name, items, "manual", keys));
    };
    const context = {
      ...functions,
      getInputData: () => items,
      getNodeParameter: parameter,
      getWorkflow: () => ({ id: workflow.id, name: workflow.name }),
      getInstanceId: () => this.instanceId,
      getExecutionId: () => executionId,
      getWorkflowDataProxy: () => ({ $runIndex: 0 }),
      getExecutionCancelSignal: () => undefined,
      getTimezone: () => "Europe/Berlin",
      continueOnFail: () => continueOnFail,
      helpers: {
        ...functions.helpers,
        assertBinaryData: (itemIndex, name) => items[itemIndex].binary[name],
        getBinaryDataBuffer: async (itemIndex, name) => Buffer.from(items[itemIndex].binary[name].data, "base64"),
      },
    };
    const [output] = await TYPES[node.type].execute.call(context);
    return output;
  }
}

/** The value of a resource locator, or any other value as it is. */
function value(given) {
  return given?.__rl ? given.value : given;
}

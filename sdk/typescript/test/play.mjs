// Plays the cases with the TypeScript SDK; tests/sdk/play.py plays the same ones. Prints a line of JSON a case.
import { deepStrictEqual, strictEqual } from "node:assert";
import { readFileSync } from "node:fs";

const sdk = await import(process.env.PACKAGE);
const world = JSON.parse(process.env.WORLD);
const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const at = (value, path) => path.split(".").reduce((found, part) => found[part], value);

class Play {
  names = { ...world };
  clients = {};

  client(key = this.names.apiKey) {
    return (this.clients[key] ??= new sdk.Presswork({ apiKey: key, baseUrl: this.names.baseUrl }));
  }

  method(step, name) {
    const [resource, method] = name.split(".");
    const found = this.client(step.key)[camel(resource)];
    return found[camel(method)].bind(found);
  }

  filled(value) {
    if (typeof value === "string") {
      if (value.startsWith("$")) return this.names[value.slice(1)];
      const days = /^@(\d+)d$/.exec(value)?.[1];
      return days ? new Date(Date.now() + Number(days) * 86_400_000) : value;
    }
    if (Array.isArray(value)) return value.map((item) => this.filled(item));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.filled(item)]));
    }
    return value;
  }

  async take(unfilled) {
    const step = this.filled(unfilled);
    if ("fault" in step) {
      await fetch(`${this.names.baseUrl}/proxy/fault`, { method: "POST", body: JSON.stringify(step.fault) });
      return;
    }
    let found;
    try {
      found = await this.made(step, unfilled);
    } catch (error) {
      if (!(error instanceof sdk.PressworkError) || !("raises" in step)) throw error;
      this.checkError(error, step.raises);
      return;
    }
    strictEqual("raises" in step, false, `${JSON.stringify(step)} raised nothing`);
    if (found === undefined) return;
    const { data, response } = found;
    for (const [path, value] of Object.entries(step.expect ?? {})) deepStrictEqual(at(data, path), value, path);
    if (step.response) {
      const seen = { status: response.statusCode, attempts: response.attempts, isReplayed: response.isReplayed };
      for (const [name, value] of Object.entries(step.response)) strictEqual(seen[name], value, name);
    }
    for (const [name, path] of Object.entries(step.keep ?? {})) this.names[name] = at(data, path);
  }

  async made(step, unfilled) {
    if ("upload" in step) {
      const sent = [];
      const params = { ...step.with, onProgress: ({ sentBytes }) => sent.push(sentBytes) };
      const data = await this.client(step.key).content.uploadFiles(step.upload, params);
      strictEqual(sent.length, step.upload.length);
      return { data };
    }
    if ("wait" in step) return { data: await this.client(step.key).publishing.wait(step.wait, { timeoutSeconds: 60 }) };
    if ("waitAll" in step) return { data: { items: await this.client(step.key).publishing.waitAll(step.waitAll) } };
    if ("publishFiles" in step) {
      return { data: await this.client(step.key).publishing.publishFiles(step.publishFiles, step.with, step.options) };
    }
    if ("publishText" in step) {
      return { data: await this.client(step.key).publishing.publishText(step.publishText, step.with, step.options) };
    }
    if ("call" in step) {
      const parameters = "with" in step ? [step.with, step.options] : [step.options];
      const method = this.method(step, step.call);
      const isPage = step.call.endsWith(".list");
      return method(...(isPage && !("with" in step) ? [{}, step.options] : parameters)).withResponse();
    }
    const page = await this.method(step, step.list)(step.with ?? {}, step.options);
    if ("afterFirstPage" in step) await this.take(unfilled.afterFirstPage);
    const rows = [];
    for await (const row of page) rows.push(row);
    if ("count" in step) strictEqual(rows.length, step.count);
    if ("values" in step) deepStrictEqual(rows.map((row) => row[step.field]), step.values);
    return undefined;
  }

  checkError(error, expected) {
    strictEqual(error.constructor, sdk[expected.class], String(error));
    strictEqual(error.name, expected.class);
    if ("idempotencyKey" in expected) strictEqual(error.idempotencyKey, expected.idempotencyKey);
    if (!(error instanceof sdk.APIStatusError)) return;
    strictEqual(error.code, expected.code ?? error.code);
    strictEqual(error.statusCode, expected.status ?? error.statusCode);
    strictEqual(error.response.attempts, expected.attempts ?? error.response.attempts);
    strictEqual(error.requestId?.startsWith("req_"), true);
    if ("docUrl" in expected) strictEqual(error.docUrl?.endsWith(expected.docUrl), true);
    for (const [path, value] of Object.entries(expected.details ?? {})) deepStrictEqual(at(error.details, path), value);
  }
}

for (const { name, steps } of cases) {
  let failure = "";
  try {
    const play = new Play();
    for (const step of steps) await play.take(step);
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  console.log(JSON.stringify({ name, failure }));
}
process.exit(0); // open connections would delay the exit

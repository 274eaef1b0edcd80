import type { ContentCreateParams } from "presswork-client";
import { type Call, whenOf } from "./call";
import type { Language } from "./search";

/** Returns a program that makes exactly this call. It reads the key from PRESSWORK_API_KEY. */
export function codeOf(call: Call, language: Language, baseUrl: string): string {
  return { curl: curlOf, python: pythonOf, typescript: typescriptOf }[language](call, baseUrl);
}

function publishBody(call: Call): object {
  return { targets: call.targets, ...whenOf(call) };
}

function isNow({ scheduledFor, queue }: Call): boolean {
  return scheduledFor === null && queue === null;
}

function curlOf(call: Call, baseUrl: string): string {
  const content = `${baseUrl}/v1/content/${call.creation === null ? call.containerId : `'"$CONTENT"'`}`;
  const action = isNow(call) ? "publish" : "schedule";
  return [
    ...(call.creation === null ? [] : [`CONTENT=$(${creationRequest(call, baseUrl, call.creation)} | jq -r .id)\n`]),
    ...(call.change === null ? [] : [request("PATCH", content, `${call.idempotencyKey}-texts`, call.change)]),
    request("POST", `${content}/${action}`, call.idempotencyKey, publishBody(call)),
  ].join("\n");
}

function creationRequest(call: Call, baseUrl: string, { projectId, ...body }: ContentCreateParams): string {
  return request("POST", `${baseUrl}/v1/projects/${projectId}/content`, contentKey(call), body).trimEnd();
}

function contentKey({ idempotencyKey }: Call): string {
  return `${idempotencyKey}-content`;
}

function request(method: string, url: string, key: string, body: object): string {
  const json = JSON.stringify(body, null, 2).replaceAll("'", "'\\''");
  return [
    `curl -sS --fail-with-body -X ${method} '${url}' \\`,
    '  -H "Authorization: Bearer $PRESSWORK_API_KEY" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -H 'Idempotency-Key: ${key}' \\`,
    `  -d '${json}'\n`,
  ].join("\n");
}

function pythonOf(call: Call, baseUrl: string): string {
  const key = call.idempotencyKey;
  const named = (values: Readonly<Record<string, unknown>>) =>
    Object.entries(values)
      .map(([name, value]) => `    ${snake(name)}=${python(value, 1)},\n`)
      .join("");
  const container = call.creation === null ? python(call.containerId, 0) : "content.id";
  const creation =
    call.creation === null
      ? ""
      : `content = presswork.content.create(\n${named({ ...call.creation, idempotencyKey: contentKey(call) })})\n`;
  const id = `    container_id=${container},\n`;
  const change =
    call.change === null
      ? ""
      : `presswork.content.update(\n${id}${named({ ...call.change, idempotencyKey: `${key}-texts` })})\n`;
  const method = isNow(call) ? "publish_now" : "schedule";
  return [
    "from presswork_client import Presswork",
    "",
    `presswork = Presswork(base_url=${python(baseUrl, 0)})  # the key is read from PRESSWORK_API_KEY`,
    `${creation}${change}answer = presswork.publishing.${method}(`,
    `${id}${named({ ...publishBody(call), idempotencyKey: key })})`,
    "print(answer.scheduled_post_ids)\n",
  ].join("\n");
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Returns a value as a Python literal, with the client's names. JSON's strings and numbers are Python's. */
function python(value: unknown, depth: number): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? (["[", "]"] as const) : (["{", "}"] as const);
  const rows = Array.isArray(value)
    ? value.map((one) => python(one, depth + 1))
    : Object.entries(value).map(([name, one]) => `"${snake(name)}": ${python(one, depth + 1)}`);
  return bracketed(open, rows, close, depth, "    ");
}

function typescriptOf(call: Call, baseUrl: string): string {
  const id = { containerId: call.creation === null ? call.containerId : CREATED };
  const options = (key: string) => `{ idempotencyKey: ${JSON.stringify(key)} }`;
  const creation =
    call.creation === null
      ? ""
      : `const content = await presswork.content.create(${typescript(call.creation, 0)}, ${options(contentKey(call))});\n`;
  const change =
    call.change === null
      ? ""
      : `await presswork.content.update(${typescript({ ...id, ...call.change }, 0)}, ${options(`${call.idempotencyKey}-texts`)});\n`;
  const method = isNow(call) ? "publishNow" : "schedule";
  const params = typescript({ ...id, ...publishBody(call) }, 0);
  return [
    'import { Presswork } from "presswork-client";',
    "",
    `const presswork = new Presswork({ baseUrl: ${JSON.stringify(baseUrl)} }); // the key is read from PRESSWORK_API_KEY`,
    `${creation}${change}const answer = await presswork.publishing.${method}(${params}, ${options(call.idempotencyKey)});`,
    "console.log(answer.scheduledPostIds);\n",
  ].join("\n");
}

/** The id of the content that the program creates. */
const CREATED = Symbol("content.id");

function typescript(value: unknown, depth: number): string {
  if (value === CREATED) return "content.id";
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? (["[", "]"] as const) : (["{", "}"] as const);
  const rows = Array.isArray(value)
    ? value.map((one) => typescript(one, depth + 1))
    : Object.entries(value).map(([name, one]) => `${name}: ${typescript(one, depth + 1)}`);
  return bracketed(open, rows, close, depth, "  ");
}

function bracketed(open: string, rows: readonly string[], close: string, depth: number, indent: string): string {
  if (rows.length === 0) return open + close;
  const inner = indent.repeat(depth + 1);
  return `${open}\n${rows.map((row) => `${inner}${row},\n`).join("")}${indent.repeat(depth)}${close}`;
}

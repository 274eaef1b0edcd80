/** Reads the part of an address after "?". Text stays text, also "2026" and "45e8"; true, false and lists are JSON. */
export function parseSearch(text: string): Record<string, unknown> {
  const search: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(text)) search[name] = parsed(value);
  return search;
}

/** Writes what `parseSearch` reads. */
export function stringifySearch(search: Record<string, unknown>): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined) written.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  const text = written.toString().replaceAll("+", "%20");
  return text === "" ? "" : `?${text}`;
}

function parsed(text: string): unknown {
  if (!/^(true|false|\[.*\])$/s.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

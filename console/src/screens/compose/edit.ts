/** What is sent of an edit, by the names of the API; null removes an override or an option. */
export type PostChanges = Readonly<Record<string, unknown>>;

/**
 * Returns what a person changed, as an edit of a post that may have changed meanwhile: `before` and `after` are what the form
 * had and has. An option keeps the members that the form does not know.
 */
export function editOf(post: object, before: object, after: object): PostChanges {
  const [stored, former, next] = [post, before, after].map((one) => new Map<string, unknown>(Object.entries(one)));
  const names = new Set([...(former?.keys() ?? []), ...(next?.keys() ?? [])]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const [old, now] = [former?.get(name), next?.get(name)];
      if (isSame(old, now)) return [];
      return [[name, isObject(old ?? now) ? membersOf(stored?.get(name), old, now) : (now ?? null)] as const];
    }),
  );
}

function membersOf(stored: unknown, before: unknown, after: unknown): object | null {
  const [kept, old, now] = [stored, before, after].map((one) =>
    Object.entries(isObject(one) ? one : {}).filter(([, value]) => value !== null && value !== undefined),
  );
  const former = new Map(old);
  const next = new Map(now);
  const members = new Map(kept);
  for (const name of new Set([...former.keys(), ...next.keys()])) {
    if (isSame(former.get(name), next.get(name))) continue;
    if (next.has(name)) members.set(name, next.get(name));
    else members.delete(name);
  }
  return members.size === 0 ? null : Object.fromEntries(members);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

import type { Environment } from "presswork-client";

const KEY = "presswork-environment";

/** Returns the environment that this browser showed last; `test` at first. */
export function lastEnvironment(): Environment {
  return localStorage.getItem(KEY) === "live" ? "live" : "test";
}

/** Remembers the environment for the next visit. */
export function rememberEnvironment(environment: Environment): void {
  localStorage.setItem(KEY, environment);
}

/** Sections whose pages are about one thing, and the lists that lead there. */
const LISTS: ReadonlyMap<string, string> = new Map([
  ["posts", "queue"],
  ["content", "library"],
]);

/** Returns the path of a screen in an environment. An id belongs to one of them, so it is the list that it came from. */
export function pathIn(environment: Environment, path: string): string {
  const section = path.split("/")[2] ?? "";
  return `/${environment}/${LISTS.get(section) ?? section}`;
}

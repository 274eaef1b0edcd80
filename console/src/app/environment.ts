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

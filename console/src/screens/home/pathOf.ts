import type { Environment } from "presswork-client";

/** Returns the address of a screen, or of a part of it. */
export function pathOf(environment: Environment, ...parts: readonly string[]): string {
  return ["", environment, ...parts].join("/");
}

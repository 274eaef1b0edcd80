import type { AccountStatus, PlatformName } from "presswork-client";
import { PLATFORMS } from "../../platforms/platforms";

export const STATUSES: readonly AccountStatus[] = ["reauth_required", "connected", "disconnected"];

/** Which accounts are shown. Without a status: all but the disconnected ones. */
export interface AccountFilter {
  readonly project?: string | undefined;
  readonly platform?: PlatformName | undefined;
  readonly status?: AccountStatus | undefined;
  readonly q?: string | undefined;
}

/** What the address of the list of accounts says. */
export interface AccountSearch extends AccountFilter {
  /** The dialog that is open. */
  readonly open?: "connect" | "project" | undefined;
}

/** Reads the address of the list; anything unknown is ignored. */
export function accountSearchOf(search: Record<string, unknown>): AccountSearch {
  const platform = PLATFORMS.find((one) => one === search["platform"]);
  const status = STATUSES.find((one) => one === search["status"]);
  const open = (["connect", "project"] as const).find((one) => one === search["open"]);
  return {
    ...textOf(search, "project"),
    ...(platform && { platform }),
    ...(status && { status }),
    ...textOf(search, "q"),
    ...(open && { open }),
  };
}

/** Returns a parameter of an address if it is a text: `{ project: "prj_…" }`. */
export function textOf<K extends string>(search: Record<string, unknown>, name: K): { readonly [name in K]?: string } {
  const value = search[name];
  return (typeof value === "string" && value !== "" ? { [name]: value } : {}) as { readonly [name in K]?: string };
}

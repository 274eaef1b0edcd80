import type { Mode, PublishingSearchPostsParams, Status } from "presswork-client";
import { PLATFORMS } from "../../platforms/platforms";
import { type ActionId, actionOf } from "../../posts/actions/ids";
import { type ViewId, viewOf } from "./views";

export const MODES = ["publish", "draft", "managed"] as const satisfies readonly Mode[];

/** What the address of the queue says: the view, its filters, what is selected, and the open dialog. Lists have dots. */
export interface QueueSearch {
  readonly view?: ViewId | undefined;
  readonly by?: "account" | undefined;
  readonly q?: string | undefined;
  readonly project?: string | undefined;
  readonly account?: string | undefined;
  readonly platform?: string | undefined;
  readonly mode?: string | undefined;
  readonly status?: string | undefined;
  readonly selected?: string | undefined;
  readonly act?: ActionId | "keys" | undefined;
  /** The post that the dialog is about; without it, the selected ones. */
  readonly on?: string | undefined;
}

/** The filters that a person can set, without the text. */
export const FILTERS = ["project", "account", "platform", "mode", "status"] as const;

const LIST = "."; // no character of an id or name

/** Returns the parts of a list in the address. */
export function listOf(text: string | undefined): readonly string[] {
  return text === undefined || text === "" ? [] : text.split(LIST);
}

/** Returns a list as the address has it; undefined for an empty one. */
export function textOf(list: readonly string[]): string | undefined {
  return list.length === 0 ? undefined : list.join(LIST);
}

function known<T extends string>(all: readonly T[], text: string | undefined): readonly T[] {
  const names = listOf(text);
  return all.filter((one) => names.includes(one));
}

/** Returns what an address says; what it can't mean is left out. */
export function queueSearchOf(search: Readonly<Record<string, unknown>>): QueueSearch {
  const text = (name: string) => {
    const value = search[name];
    return value === undefined || value === "" ? undefined : String(value);
  };
  return Object.fromEntries(
    Object.entries({
      view: viewOf(search["view"]).id,
      by: search["by"] === "account" ? "account" : undefined,
      q: text("q"),
      project: text("project"),
      account: text("account"),
      platform: textOf(known(PLATFORMS, text("platform"))),
      mode: textOf(known(MODES, text("mode"))),
      status: text("status"),
      selected: text("selected"),
      act: search["act"] === "keys" ? "keys" : actionOf(search["act"]),
      on: text("on"),
    }).filter(([, value]) => value !== undefined),
  );
}

/** Whether anything narrows the view. */
export function isFiltered(search: QueueSearch): boolean {
  return search.q !== undefined || FILTERS.some((name) => search[name] !== undefined);
}

/** Returns what the API is asked for, without the time. */
export function filterOf(search: QueueSearch): PublishingSearchPostsParams {
  const view = viewOf(search.view);
  const statuses = known<Status>(view.statuses, search.status);
  const platforms = known(PLATFORMS, search.platform);
  const modes = known(MODES, search.mode);
  return {
    status: statuses.length > 0 ? statuses : view.statuses,
    order: view.order,
    ...(search.q !== undefined && { q: search.q }),
    ...(search.project !== undefined && { projectId: search.project }),
    ...(search.account !== undefined && { socialAccountId: search.account }),
    ...(platforms.length > 0 && { platform: platforms }),
    ...(modes.length > 0 && { mode: modes }),
  };
}

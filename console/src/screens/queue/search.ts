import type { Mode } from "presswork-client";
import { labelsOf } from "../../labels/labels";
import { PLATFORMS } from "../../platforms/platforms";
import { type ActionId, actionOf, bulkOfText, TO_QUEUE } from "../../posts/actions/ids";
import { type ViewId, viewOf } from "./views";

export const MODES = ["publish", "draft", "managed"] as const satisfies readonly Mode[];

/** What became of published posts afterwards, as the address names it. */
export const AFTERWARDS = ["live", "taking_down", "taken_down", "gone", "not_taken_down"] as const;

/** What `selected` says where all posts that match are selected, also those that are not loaded. */
export const ALL = "all";

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
  /** Any of these labels. */
  readonly label?: readonly string[] | undefined;
  /** What became of published posts afterwards. */
  readonly live?: string | undefined;
  /** The day at which the list begins. */
  readonly since?: string | undefined;
  /** The rows that are opened into their posts. */
  readonly open?: string | undefined;
  readonly selected?: string | undefined;
  readonly act?: ActionId | typeof TO_QUEUE | "keys" | undefined;
  /** The posts that the dialog is about; without it, the selected ones. */
  readonly on?: string | undefined;
  /** Jobs of the server whose results are shown, and what they do. */
  readonly jobs?: string | undefined;
  readonly did?: ActionId | "undo" | undefined;
}

/** What closes each dialog. */
export const CLOSED = { act: undefined, on: undefined, jobs: undefined, did: undefined } as const;

/** The filters that a person can set, without the text. */
export const FILTERS = ["project", "account", "platform", "mode", "label", "status", "live", "since"] as const;

const LIST = "."; // no character of an id or name

/** Returns the parts of a list in the address. */
export function listOf(text: string | undefined): readonly string[] {
  return text === undefined || text === "" ? [] : text.split(LIST);
}

/** Returns a list as the address has it; undefined for an empty one. */
export function textOf(list: readonly string[]): string | undefined {
  return list.length === 0 ? undefined : list.join(LIST);
}

/** Returns those of all names that a list in the address has. */
export function known<T extends string>(all: readonly T[], text: string | undefined): readonly T[] {
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
      label: labelsOf(search["label"]),
      status: text("status"),
      live: textOf(known(AFTERWARDS, text("live"))),
      since: isDay(text("since")) ? text("since") : undefined,
      open: text("open"),
      selected: text("selected"),
      act: (["keys", TO_QUEUE] as const).find((one) => one === search["act"]) ?? actionOf(search["act"]),
      on: text("on"),
      jobs: textOf(listOf(text("jobs")).filter((job) => bulkOfText(job) !== null)),
      did: search["did"] === "undo" ? "undo" : actionOf(search["did"]),
    }).filter(([, value]) => value !== undefined),
  );
}

/** Whether anything narrows the view. */
export function isFiltered(search: QueueSearch): boolean {
  return search.q !== undefined || FILTERS.some((name) => search[name] !== undefined);
}

/** Whether a text names a day: "2026-12-24". */
function isDay(text: string | undefined): boolean {
  if (text === undefined) return false;
  const day = new Date(`${text}T00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(`${text}T`);
}

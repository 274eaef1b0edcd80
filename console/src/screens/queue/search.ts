import { type CalendarDate, parseDate } from "@internationalized/date";
import type { Mode, PublishingSearchGroupsParams, Status } from "presswork-client";
import { PLATFORMS } from "../../platforms/platforms";
import { bulkOfText } from "../../posts/actions/bulk";
import { type ActionId, actionOf } from "../../posts/actions/ids";
import { type ViewId, viewOf } from "./views";

export const MODES = ["publish", "draft", "managed"] as const satisfies readonly Mode[];

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
  /** The day at which the list begins. */
  readonly since?: string | undefined;
  /** The rows that are opened into their posts. */
  readonly open?: string | undefined;
  readonly selected?: string | undefined;
  readonly act?: ActionId | "keys" | undefined;
  /** The posts that the dialog is about; without it, the selected ones. */
  readonly on?: string | undefined;
  /** Jobs of the server whose results are shown, and what they do. */
  readonly jobs?: string | undefined;
  readonly did?: ActionId | "undo" | undefined;
}

/** What closes each dialog. */
export const CLOSED = { act: undefined, on: undefined, jobs: undefined, did: undefined } as const;

/** The filters that a person can set, without the text. */
export const FILTERS = ["project", "account", "platform", "mode", "status", "since"] as const;

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
      since: dayOf(text("since"))?.toString(),
      open: text("open"),
      selected: text("selected"),
      act: search["act"] === "keys" ? "keys" : actionOf(search["act"]),
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

/** Returns the day that a text names: "2026-12-24". */
export function dayOf(text: string | undefined): CalendarDate | undefined {
  try {
    return text === undefined ? undefined : parseDate(text);
  } catch {
    return undefined;
  }
}

/** Which posts the API is asked for. */
export interface Filter extends Omit<PublishingSearchGroupsParams, "order" | "limit" | "since" | "until"> {
  readonly since?: string;
  readonly until?: string;
}

/** Returns which posts the API is asked for. Days are those of the zone. */
export function filterOf(search: QueueSearch, zone: string): Filter {
  const view = viewOf(search.view);
  const statuses = known<Status>(view.statuses, search.status);
  const platforms = known(PLATFORMS, search.platform);
  const modes = known(MODES, search.mode);
  const day = dayOf(search.since);
  return {
    status: statuses.length > 0 ? statuses : view.statuses,
    ...(search.q !== undefined && { q: search.q }),
    ...(search.project !== undefined && { projectId: search.project }),
    ...(search.account !== undefined && { socialAccountId: search.account }),
    ...(platforms.length > 0 && { platform: platforms }),
    ...(modes.length > 0 && { mode: modes }),
    ...(day !== undefined && startingAt(day, view.order, zone)),
  };
}

/** A list that goes back in time begins with the end of the day. */
function startingAt(day: CalendarDate, order: "asc" | "desc", zone: string) {
  if (order === "asc") return { since: day.toDate(zone).toISOString() };
  return { until: new Date(day.add({ days: 1 }).toDate(zone).getTime() - 1).toISOString() };
}

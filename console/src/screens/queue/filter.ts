import { type CalendarDate, parseDate } from "@internationalized/date";
import type { LiveStatus, PublishingSearchGroupsParams, Status } from "presswork-client";
import { PLATFORMS } from "../../platforms/platforms";
import { NOT_TAKEN_DOWN } from "../../posts/afterwards";
import { AFTERWARDS, known, MODES, type QueueSearch } from "./search";
import { viewOf } from "./views";

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
  const live = known(AFTERWARDS, search.live).flatMap((id): readonly LiveStatus[] =>
    id === "not_taken_down" ? NOT_TAKEN_DOWN : [id],
  );
  const day = dayOf(search.since);
  return {
    status: statuses.length > 0 ? statuses : view.statuses,
    ...(search.q !== undefined && { q: search.q }),
    ...(search.project !== undefined && { projectId: search.project }),
    ...(search.account !== undefined && { socialAccountId: search.account }),
    ...(platforms.length > 0 && { platform: platforms }),
    ...(modes.length > 0 && { mode: modes }),
    ...(search.label !== undefined && { label: search.label }),
    ...(live.length > 0 && view.id === "done" && { liveStatus: live }),
    ...(day !== undefined && startingAt(day, view.order, zone)),
  };
}

/** A list that goes back in time begins with the end of the day. */
function startingAt(day: CalendarDate, order: "asc" | "desc", zone: string) {
  if (order === "asc") return { since: day.toDate(zone).toISOString() };
  return { until: new Date(day.add({ days: 1 }).toDate(zone).getTime() - 1).toISOString() };
}

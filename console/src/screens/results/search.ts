import { labelsOf } from "../../labels/labels";
import { type MetricName, metricOf } from "../../results/metrics";
import { RANGES, type RangeId } from "../../results/ranges";

/** What the numbers are compared by, besides days and posts; the first one is the default. */
export const GROUPS = [
  { id: "platform", label: "Platform" },
  { id: "account", label: "Account" },
  { id: "label", label: "Label" },
] as const;

export type GroupId = (typeof GROUPS)[number]["id"];

/** What the address of the results says. */
export interface ResultsSearch {
  readonly project?: string | undefined;
  readonly label?: readonly string[] | undefined;
  readonly range?: RangeId | undefined;
  /** The first and the last day of an own range. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Without it, the first one that is known. */
  readonly metric: MetricName | undefined;
  readonly by: GroupId;
}

/** An address as it was typed: `resultsSearchOf` reads it, once the screen is loaded. */
export type ResultsAddress = Readonly<Record<string, unknown>>;

/** Reads the address; what it can't mean is left out. */
export function resultsSearchOf(search: ResultsAddress): ResultsSearch {
  const text = (name: string) => (typeof search[name] === "string" ? search[name] : undefined);
  const [since, until] = [dayOf(text("since")), dayOf(text("until"))];
  const isOwn = search["range"] === "own" && since !== undefined && until !== undefined && since <= until;
  return {
    project: text("project"),
    label: labelsOf(search["label"]),
    range: isOwn ? "own" : RANGES.find(({ id }) => id === search["range"])?.id,
    ...(isOwn && { since, until }),
    metric: metricOf(text("metric")),
    by: GROUPS.find(({ id }) => id === search["by"])?.id ?? "platform",
  };
}

/** Returns a text that names a day, "2026-12-24"; undefined for another one. */
function dayOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const day = new Date(`${text}T00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(`${text}T`) ? text : undefined;
}

import { labelsOf } from "../../labels/labels";

export type ViewName = "month" | "week";

/** What the address of the calendar says. */
export interface CalendarSearch {
  readonly view?: ViewName | undefined;
  /** A month, "2026-11", or a day of a week. */
  readonly at?: string | undefined;
  readonly project?: string | undefined;
  readonly account?: string | undefined;
  /** Any of these labels. */
  readonly label?: readonly string[] | undefined;
  /** Of the days where all projects are shown; by default that of the projects, if they share one, or the viewer's. */
  readonly zone?: string | undefined;
  /** The day whose panel is open. */
  readonly day?: string | undefined;
  /** The posts whose dialog "Move to" is open, with dots between them. */
  readonly move?: string | undefined;
  /** Where they were dropped: an instant. */
  readonly to?: string | undefined;
  /** Whether a week shows its empty nights, too. */
  readonly nights?: "open" | undefined;
}

const FORMS: Readonly<Record<Exclude<keyof CalendarSearch, "zone" | "label">, RegExp>> = {
  view: /^(month|week)$/,
  at: /^\d{4}-\d{2}(-\d{2})?$/,
  project: /^[\w-]+$/,
  account: /^[\w-]+$/,
  day: /^\d{4}-\d{2}-\d{2}$/,
  move: /^[\w-]+(\.[\w-]+)*$/,
  to: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/,
  nights: /^open$/,
};

/** Reads the address; what it does not understand is left out. */
export function calendarSearch(search: Record<string, unknown>): CalendarSearch {
  const known = Object.entries(FORMS).filter(([name, form]) => {
    const value = search[name];
    return typeof value === "string" && form.test(value);
  });
  const zone = search["zone"];
  const label = labelsOf(search["label"]);
  return {
    ...Object.fromEntries(known.map(([name]) => [name, search[name]])),
    ...(label !== undefined && { label }),
    ...(typeof zone === "string" && isZone(zone) && { zone }),
  };
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Rules of recurring posts: the dates that they lead to, and how a person reads them. */

import {
  type CalendarDate,
  endOfMonth,
  now as nowIn,
  parseAbsolute,
  parseDate,
  parseTime,
  startOfWeek,
  toCalendarDate,
  toCalendarDateTime,
  type ZonedDateTime,
} from "@internationalized/date";
import { daysOf, WEEKDAYS, type WeekdayId } from "../queues/slots";
import { landing, parsedDay } from "../screens/calendar/dates";

export type Unit = "day" | "week" | "month";

/** A rule as it is chosen. */
export interface RuleFields {
  readonly every: number;
  readonly unit: Unit;
  /** Of a week. */
  readonly weekdays: readonly WeekdayId[];
  /** Of a month; 29 to 31 is the last day of a shorter one. */
  readonly monthDay: number;
  /** "09:00" */
  readonly time: string;
  readonly end: "never" | "until" | "count";
  /** The last day, "2026-12-24". */
  readonly until: string;
  readonly count: number;
}

const LIST = new Intl.ListFormat("en", { type: "conjunction" });
const ORDINAL = new Intl.PluralRules("en", { type: "ordinal" });
const SUFFIXES: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> = { one: "st", two: "nd", few: "rd" };
/** A locale whose weeks begin on Monday. */
const MONDAY_FIRST = "en-GB";
/** No rule has a longer way to its next date: a month of 31 days is at most 99 months away. */
const MAX_STEPS = 1_000;

/** Returns a rule that a new recurrence begins with: every week, on the present weekday. */
export function firstRule(zone: string, now: ZonedDateTime = nowIn(zone)): RuleFields {
  const today = toCalendarDate(now);
  return {
    every: 1,
    unit: "week",
    weekdays: [weekdayOf(today)],
    monthDay: today.day,
    time: "09:00",
    end: "never",
    until: today.add({ months: 3 }).toString(),
    count: 10,
  };
}

function weekdayOf(date: CalendarDate): WeekdayId {
  const place = date.compare(startOfWeek(date, MONDAY_FIRST));
  return (WEEKDAYS[place] ?? WEEKDAYS[0]).id;
}

/** Returns the first instants of a rule that are ahead. A local time that the clocks skip is the first one after the gap. */
export function datesOf(
  rule: RuleFields,
  zone: string,
  most: number,
  now: ZonedDateTime = nowIn(zone),
): readonly Date[] {
  if (!isComplete(rule)) return [];
  const time = parseTime(rule.time);
  const last = rule.end === "until" ? parseDate(rule.until) : null;
  const limit = rule.end === "count" ? Math.min(most, rule.count) : most;
  const dates: Date[] = [];
  const today = toCalendarDate(now);
  const isOver = landing(toCalendarDateTime(today, time), zone).instant <= now.toDate();
  for (const date of daysFrom(rule, isOver ? today.add({ days: 1 }) : today)) {
    if (dates.length >= limit || (last !== null && date.compare(last) > 0)) break;
    dates.push(landing(toCalendarDateTime(date, time), zone).instant);
  }
  return dates;
}

/** Yields the days of a rule from a first possible one on. Days, weeks and months are counted from the first one that it has. */
function* daysFrom({ every, unit, weekdays, monthDay }: RuleFields, start: CalendarDate): Generator<CalendarDate> {
  const chosen = WEEKDAYS.flatMap(({ id }, place) => (weekdays.includes(id) ? place : []));
  const place = start.compare(startOfWeek(start, MONDAY_FIRST));
  const first = start.add({ days: Math.min(...chosen.map((one) => (one - place + 7) % 7)) });
  const monday = startOfWeek(first, MONDAY_FIRST);
  const dayIn = (month: CalendarDate) => month.set({ day: Math.min(monthDay, endOfMonth(month).day) });
  const isMonthOver = dayIn(start.set({ day: 1 })).compare(start) < 0;
  for (let step = 0; step < MAX_STEPS; step++) {
    if (unit === "day") yield start.add({ days: step * every });
    else if (unit === "month") yield dayIn(start.set({ day: 1 }).add({ months: step * every + Number(isMonthOver) }));
    else
      for (const one of chosen) {
        const day = monday.add({ weeks: step * every, days: one });
        if (day.compare(first) >= 0) yield day;
      }
  }
}

/** Whether a rule says all that it needs. */
export function isComplete({ every, unit, weekdays, monthDay, time, end, until, count }: RuleFields): boolean {
  const isWhole = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most;
  return (
    isWhole(every, 366) &&
    (unit !== "week" || weekdays.length > 0) &&
    (unit !== "month" || isWhole(monthDay, 31)) &&
    /^\d{2}:\d{2}$/.test(time) &&
    (end !== "until" || parsedDay(until) !== null) &&
    (end !== "count" || isWhole(count, 1000))
  );
}

/** A rule as the API has it. */
export interface StoredRule {
  readonly rule: {
    readonly every: number;
    readonly unit: Unit;
    readonly weekdays?: readonly WeekdayId[] | null;
    readonly monthDay?: number | null;
  };
  /** "09:00" */
  readonly time: string;
  /** An instant, which is included. */
  readonly until: string | null;
  readonly count: number | null;
}

/** Returns a rule as the API takes it. */
export function ruleParam({ every, unit, weekdays, monthDay, time, end, until, count }: RuleFields, zone: string) {
  return {
    rule: {
      every,
      unit,
      ...(unit === "week" && { weekdays: WEEKDAYS.flatMap(({ id }) => (weekdays.includes(id) ? id : [])) }),
      ...(unit === "month" && { monthDay }),
    },
    time,
    ...(end === "until" && { until: endOf(parseDate(until), zone).toISOString() }),
    ...(end === "count" && { count }),
  };
}

function endOf(day: CalendarDate, zone: string): Date {
  return new Date(day.add({ days: 1 }).toDate(zone).getTime() - 1);
}

/** Returns the fields of a rule that the API has. */
export function fieldsOf({ rule, time, until, count }: StoredRule, zone: string): RuleFields {
  const fresh = firstRule(zone);
  return {
    every: rule.every,
    unit: rule.unit,
    weekdays: rule.weekdays ?? fresh.weekdays,
    monthDay: rule.monthDay ?? fresh.monthDay,
    time: time.slice(0, 5),
    end: until !== null ? "until" : count !== null ? "count" : "never",
    until: until === null ? fresh.until : toCalendarDate(parseAbsolute(until, zone)).toString(),
    count: count ?? fresh.count,
  };
}

/** Says a rule in words: "Every 2 weeks on Mon and Thu at 09:00, until 24 December 2026". */
export function ruleSentence({ every, unit, weekdays, monthDay, time, end, until, count }: RuleFields): string {
  const often = every === 1 ? `Every ${unit}` : `Every ${every} ${unit}s`;
  const isWorkdays = unit === "week" && every === 1 && weekdays.join() === daysOf("workdays").join();
  const days = WEEKDAYS.filter(({ id }) => weekdays.includes(id)).map(({ label }) => label);
  const where =
    unit === "week" && days.length > 0
      ? ` on ${LIST.format(days)}`
      : unit === "month"
        ? monthDay === 31
          ? " on the last day"
          : ` on the ${monthDay}${SUFFIXES[ORDINAL.select(monthDay)] ?? "th"}`
        : "";
  const last =
    end === "until"
      ? `, until ${dateName(until)}`
      : end === "count"
        ? `, ${count === 1 ? "once" : `${count} times`}`
        : "";
  return `${isWorkdays ? "Monday to Friday" : often + where} at ${time}${last}`;
}

function dateName(day: string): string {
  const date = new Date(`${day}T00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(date);
}

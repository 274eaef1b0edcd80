/** The calendar's dates. A day is `2026-11-27`, a zone an IANA name, a locale decides which day begins a week. */

import {
  type CalendarDate,
  CalendarDateTime,
  endOfMonth,
  parseAbsolute,
  parseDate,
  startOfMonth,
  startOfWeek,
  toCalendarDate,
  toCalendarDateTime,
  today,
  toZoned,
  type ZonedDateTime,
} from "@internationalized/date";
import type { ViewName } from "./search";

export const HOURS: readonly number[] = Array.from({ length: 24 }, (_, hour) => hour);
export const STEP_MINUTES = 15;
const DAY_MINUTES = 24 * 60;

/** The first and the last millisecond of a span, as the API takes them. */
export interface Span {
  readonly since: string;
  readonly until: string;
}

/** Where a post is dropped: on a day, or at a minute of it. Without a minute, the post keeps its time of day. */
export interface Target {
  readonly day: string;
  readonly minute?: number | undefined;
}

/** The instant that a time of day means, and how often the clocks show that time. */
export interface Landing {
  readonly instant: Date;
  readonly shown: "once" | "twice" | "never";
  /** The time of day that was asked for, "02:30". */
  readonly wanted: string;
}

/** Returns the day that a view is about: `at` is a month or a day, and anything else is today. */
export function anchorOf(view: ViewName, at: string | undefined, zone: string, now?: Date): CalendarDate {
  const current = now === undefined ? today(zone) : toCalendarDate(parseAbsolute(now.toISOString(), zone));
  if (at === undefined) return current;
  const isMonth = at.length === 7;
  const date = parsedDay(isMonth ? `${at}-01` : at);
  if (date === null) return current;
  const isThisMonth = date.year === current.year && date.month === current.month;
  return isMonth && isThisMonth && view === "week" ? current : date;
}

/** Returns a day, or null if there is none such. */
export function parsedDay(text: string): CalendarDate | null {
  try {
    return parseDate(text);
  } catch {
    return null;
  }
}

/** Returns the part of the address that says when: "2026-11", or the first day of the week. */
export function atOf(view: ViewName, date: CalendarDate, locale: string): string {
  return view === "month" ? date.toString().slice(0, 7) : startOfWeek(date, locale).toString();
}

/** Returns the weeks that a view shows; those of a month begin and end with days of its neighbours. */
export function weeksOf(view: ViewName, anchor: CalendarDate, locale: string): readonly (readonly CalendarDate[])[] {
  const first = startOfWeek(view === "month" ? startOfMonth(anchor) : anchor, locale);
  const last = view === "month" ? endOfMonth(anchor) : first;
  const weeks: CalendarDate[][] = [];
  for (let begin = first; begin.compare(last) <= 0; begin = begin.add({ days: 7 })) {
    weeks.push(Array.from({ length: 7 }, (_, number) => begin.add({ days: number })));
  }
  return weeks;
}

/** Returns the same day of the next or a former month, or of a week. */
export function turned(view: ViewName, date: CalendarDate, pages: number): CalendarDate {
  return date.add(view === "month" ? { months: pages } : { weeks: pages });
}

/** Returns "November 2026", or "30 Nov – 6 Dec 2026". */
export function titleOf(view: ViewName, anchor: CalendarDate, weeks: readonly (readonly CalendarDate[])[]): string {
  const begin = weeks[0]?.[0];
  const end = weeks.at(-1)?.[6];
  if (view === "month" || begin === undefined || end === undefined) {
    return formatted(anchor, { month: "long", year: "numeric" });
  }
  const first = formatted(begin, {
    day: "numeric",
    ...(begin.month !== end.month && { month: "short" }),
    ...(begin.year !== end.year && { year: "numeric" }),
  });
  return `${first} – ${formatted(end, { day: "numeric", month: "short", year: "numeric" })}`;
}

/** Returns "Sat 28 Nov 2026". */
export function dayName(day: string): string {
  const date = parseDate(day);
  return `${weekday(date)} ${formatted(date, { day: "numeric", month: "short", year: "numeric" })}`;
}

/** Returns "Sat". */
export function weekday(date: CalendarDate): string {
  return formatted(date, { weekday: "short" });
}

function formatted(date: CalendarDate, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(date.toDate("UTC"));
}

/** Returns the instants between the beginning of one day and the end of another. */
export function spanOf(first: CalendarDate, last: CalendarDate, zone: string): Span {
  return between(startOf(first, zone), startOf(last.add({ days: 1 }), zone));
}

/** Returns the instants of a week. */
export function spanOfWeek(week: readonly CalendarDate[], zone: string): Span {
  const [first] = week;
  return first === undefined ? { since: "", until: "" } : spanOf(first, week.at(-1) ?? first, zone);
}

/** Returns the instants from an hour of a day until another, which may be 24. The clocks may skip or repeat some. */
export function hoursSpan(day: CalendarDate, fromHour: number, toHour: number, zone: string): Span {
  const end = toHour === 24 ? startOf(day.add({ days: 1 }), zone) : startOf(day, zone, toHour);
  return between(startOf(day, zone, fromHour), end);
}

function between(begin: Date, end: Date): Span {
  return { since: begin.toISOString(), until: new Date(end.getTime() - 1).toISOString() };
}

function startOf(day: CalendarDate, zone: string, hour = 0): Date {
  return landing(new CalendarDateTime(day.year, day.month, day.day, hour), zone).instant;
}

/**
 * Returns the instant of a local time. Of a time that the clocks show twice, it is the first one; instead of one that they
 * skip, it is the first instant after the gap.
 */
export function landing(local: CalendarDateTime, zone: string): Landing {
  const wanted = clock(local.hour, local.minute);
  const first = toZoned(local, zone, "earlier");
  if (isAt(first, local)) {
    const isTwice = toZoned(local, zone, "later").compare(first) !== 0;
    return { instant: first.toDate(), shown: isTwice ? "twice" : "once", wanted };
  }
  let later = local.set({ second: 0, millisecond: 0 });
  let found: ZonedDateTime;
  do {
    later = later.add({ minutes: 1 });
    found = toZoned(later, zone, "earlier");
  } while (!isAt(found, later)); // a gap has whole minutes, and at most a day of them
  return { instant: found.toDate(), shown: "never", wanted };
}

function isAt(zoned: ZonedDateTime, local: CalendarDateTime): boolean {
  return toCalendarDateTime(zoned).compare(local) === 0;
}

/** Returns where a post lands that is dropped. On its own day it stays, unless a minute is given. */
export function landingOf(scheduledFor: string, target: Target, zone: string): Landing {
  const before = parseAbsolute(scheduledFor, zone);
  const day = parseDate(target.day);
  if (target.minute === undefined) {
    if (toCalendarDate(before).compare(day) === 0) {
      return { instant: new Date(scheduledFor), shown: "once", wanted: clock(before.hour, before.minute) };
    }
    return landing(toCalendarDateTime(before).set({ year: day.year, month: day.month, day: day.day }), zone);
  }
  const { minute } = target;
  return landing(new CalendarDateTime(day.year, day.month, day.day, Math.floor(minute / 60), minute % 60), zone);
}

/** Returns the local day of an instant. */
export function dayOf(instant: string, zone: string): string {
  return toCalendarDate(parseAbsolute(instant, zone)).toString();
}

/** Returns the minute of its local day that an instant is in. */
export function minuteOf(instant: string, zone: string): number {
  const { hour, minute } = parseAbsolute(instant, zone);
  return hour * 60 + minute;
}

/** Returns the local time of day: "09:30". */
export function timeOf(instant: string, zone: string): string {
  const { hour, minute } = parseAbsolute(instant, zone);
  return clock(hour, minute);
}

/** Returns "09:30". */
export function clock(hour: number, minute: number): string {
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

/** Returns "Sat 28 Mar 2026, 09:30, Europe/Berlin". */
export function instantName(instant: Date, zone: string): string {
  const at = instant.toISOString();
  return `${dayName(dayOf(at, zone))}, ${timeOf(at, zone)}, ${zone}`;
}

/** Returns the sentence that names where a post lands, and what the clocks do there. */
export function landingSentence({ instant, shown, wanted }: Landing, zone: string): string {
  const name = instantName(instant, zone);
  if (shown === "never") return `${name}. The clocks skip ${wanted} on this day.`;
  return shown === "twice" ? `${name}. The clocks show this time twice; this is the first one.` : name;
}

/** Returns whether the clocks of a day show no minute of an hour. */
export function isSkipped(day: CalendarDate, hour: number, zone: string): boolean {
  const shown = (minute: number) =>
    landing(new CalendarDateTime(day.year, day.month, day.day, hour, minute), zone).shown;
  return shown(0) === "never" && shown(59) === "never";
}

/** Returns the target that a key moves to: arrows go by days and weeks, or by quarters of an hour where there are times. */
export function steppedTarget(key: string, { day, minute }: Target): Target | null {
  const date = parseDate(day);
  const to = (other: CalendarDate): Target => ({ day: other.toString(), minute });
  const by = (step: 1 | -1): Target | null => {
    if (minute === undefined) return null;
    const sum = step === 1 ? floor(minute) + STEP_MINUTES : floor(minute - 1);
    const days = Math.floor(sum / DAY_MINUTES);
    return { day: date.add({ days }).toString(), minute: sum - days * DAY_MINUTES };
  };
  switch (key) {
    case "ArrowLeft":
      return to(date.subtract({ days: 1 }));
    case "ArrowRight":
      return to(date.add({ days: 1 }));
    case "ArrowUp":
      return minute === undefined ? to(date.subtract({ days: 7 })) : by(-1);
    case "ArrowDown":
      return minute === undefined ? to(date.add({ days: 7 })) : by(1);
    case "PageUp":
      return to(minute === undefined ? date.subtract({ months: 1 }) : date.subtract({ weeks: 1 }));
    case "PageDown":
      return to(minute === undefined ? date.add({ months: 1 }) : date.add({ weeks: 1 }));
    default:
      return null;
  }
}

function floor(minute: number): number {
  return Math.floor(minute / STEP_MINUTES) * STEP_MINUTES;
}

/** Returns the day, and in a week the hour, that a key moves the focus to; null for any other key. */
export function steppedFocus(key: string, day: string, hour: number | undefined, locale: string): FocusPlace | null {
  const date = parseDate(day);
  const at = (other: CalendarDate, newHour = hour): FocusPlace => ({ day: other.toString(), hour: newHour });
  switch (key) {
    case "ArrowLeft":
      return at(date.subtract({ days: 1 }));
    case "ArrowRight":
      return at(date.add({ days: 1 }));
    case "ArrowUp":
      return hour === undefined ? at(date.subtract({ days: 7 })) : at(date, Math.max(0, hour - 1));
    case "ArrowDown":
      return hour === undefined ? at(date.add({ days: 7 })) : at(date, Math.min(23, hour + 1));
    case "PageUp":
      return at(hour === undefined ? date.subtract({ months: 1 }) : date.subtract({ weeks: 1 }));
    case "PageDown":
      return at(hour === undefined ? date.add({ months: 1 }) : date.add({ weeks: 1 }));
    case "Home":
      return at(startOfWeek(date, locale));
    case "End":
      return at(startOfWeek(date, locale).add({ days: 6 }));
    default:
      return null;
  }
}

/** A cell of the calendar: a day, or in a week an hour of it. */
export interface FocusPlace {
  readonly day: string;
  readonly hour?: number | undefined;
}

/** Returns the present day in a zone. */
export function todayIn(zone: string, now: Date): string {
  return dayOf(now.toISOString(), zone);
}

/**
 * Returns when a post for a day or an hour is due, as the address of Compose has it: a day, or an instant. Returns null for
 * what is over; in the present hour, it is the next quarter.
 */
export function composeAt({ day, hour }: FocusPlace, zone: string, now: Date): string | null {
  if (hour === undefined) return day < todayIn(zone, now) ? null : day;
  const { since, until } = hoursSpan(parseDate(day), hour, hour + 1, zone);
  if (Date.parse(until) < now.getTime() && Date.parse(since) < now.getTime()) return null;
  const quarterMs = STEP_MINUTES * 60_000;
  const soon = Math.ceil(now.getTime() / quarterMs) * quarterMs;
  return `${new Date(Math.max(Date.parse(since), soon)).toISOString().slice(0, 16)}Z`;
}

import { type CalendarDate, parseAbsolute, toCalendarDate } from "@internationalized/date";
import type { Row } from "./groups";

/** Rows that are due on the same day. */
export interface Day {
  readonly date: CalendarDate;
  readonly rows: readonly Row[];
}

/** Returns rows by the days of a zone, in their order. */
export function daysOf(rows: readonly Row[], zone: string): readonly Day[] {
  const days: { date: CalendarDate; rows: Row[] }[] = [];
  for (const row of rows) {
    const date = dateOf(row.scheduledFor, zone);
    const day = days.at(-1);
    if (day?.date.compare(date) === 0) day.rows.push(row);
    else days.push({ date, rows: [row] });
  }
  return days;
}

/** Returns the date of an instant in a zone. */
export function dateOf(at: string, zone: string): CalendarDate {
  return toCalendarDate(parseAbsolute(at, zone));
}

/** "Today · Tue 1 December"; with the year if it is another one. */
export function dayName(date: CalendarDate, today: CalendarDate): string {
  const name = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "long",
    ...(date.year !== today.year && { year: "numeric" }),
    timeZone: "UTC",
  })
    .format(date.toDate("UTC"))
    .replace(",", "");
  const near = { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[date.compare(today)];
  return near === undefined ? name : `${near} · ${name}`;
}

/** "12 go out", "1 was due", "3 posts". */
export function dayCount(count: number, date: CalendarDate, today: CalendarDate, isOpen: boolean): string {
  const isOne = count === 1;
  const number = count.toLocaleString("en");
  if (!isOpen) return `${number} ${isOne ? "post" : "posts"}`;
  if (date.compare(today) < 0) return `${number} ${isOne ? "was" : "were"} due`;
  return `${number} ${isOne ? "goes" : "go"} out`;
}

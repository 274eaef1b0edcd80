import type { CalendarDate } from "@internationalized/date";
import { useMemo } from "react";
import { totalOf } from "../../posts/dayCounts";
import { postsIn, type Row } from "../../posts/groups";
import { useCalendar } from "./context";
import { spanOf } from "./dates";
import { POSTS_PER_WEEK } from "./rows";
import { useRows } from "./useRows";

/** Returns the rows of a day that are shown, and how many posts are not: a last row takes the place of their number. */
export function partOf(rows: readonly Row[], total: number, most: number) {
  const all = rows.slice(0, most + 1);
  const shown = total <= postsIn(all) ? all : rows.slice(0, most);
  return { shown, rest: total - postsIn(shown) };
}

/** Returns the first rows of a day: from those of its week if these are few. */
export function useDayRows(date: CalendarDate, week: readonly CalendarDate[], isWanted: boolean) {
  const { zone, counts, rowsPerDay } = useCalendar();
  const ofWeek = week.reduce((sum, one) => sum + totalOf(counts?.get(one.toString())), 0);
  const isBusy = ofWeek > POSTS_PER_WEEK;
  const [day, whole] = useMemo(
    () => [spanOf(date, date, zone), spanOf(week[0] ?? date, week.at(-1) ?? date, zone)],
    [date, week, zone],
  );
  return useRows(day, isBusy ? day : whole, isBusy ? rowsPerDay + 1 : POSTS_PER_WEEK, isWanted);
}

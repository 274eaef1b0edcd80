import type { CalendarDate } from "@internationalized/date";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { totalOf } from "../../posts/dayCounts";
import { useCalendar } from "./context";
import { clock, minuteOf, spanOfWeek } from "./dates";
import { POSTS_PER_WEEK } from "./rows";
import { useRows } from "./useRows";

const route = getRouteApi("/$environment/calendar");
/** Before it, an hour without posts belongs to the night. */
const FIRST_HOUR = 7;

/** Returns at which hour a week begins, and its first hour with posts. Of a busy week, it is not known which nights are empty. */
export function useNights(week: readonly CalendarDate[], activeHour: number | undefined) {
  const { nights } = route.useSearch();
  const { zone, counts } = useCalendar();
  const ofWeek = week.reduce((sum, one) => sum + totalOf(counts?.get(one.toString())), 0);
  const whole = useMemo(() => spanOfWeek(week, zone), [week, zone]);
  const isRead = ofWeek > 0 && ofWeek <= POSTS_PER_WEEK;
  const { rows, isPending } = useRows(whole, whole, POSTS_PER_WEEK, isRead);
  const first = Math.min(...rows.map(({ scheduledFor }) => Math.floor(minuteOf(scheduledFor, zone) / 60)));
  const firstHour = Number.isFinite(first) ? first : FIRST_HOUR;
  const isWhole = nights === "open" || ofWeek > POSTS_PER_WEEK;
  return {
    isKnown: counts !== undefined && !isPending,
    begin: isWhole ? 0 : Math.min(FIRST_HOUR, firstHour, activeHour ?? FIRST_HOUR),
    firstHour,
  };
}

/** The empty hours of the nights. */
export function Night({ until }: { readonly until: number }) {
  const navigate = route.useNavigate();
  const show = () =>
    void navigate({ search: (before) => ({ ...before, nights: "open" }), replace: true, resetScroll: false });
  return (
    <tr className="week-night">
      <th scope="row" className="soft small">
        {clock(0, 0)}
      </th>
      <td colSpan={7}>
        <button type="button" className="day-more" data-turns onClick={show}>
          Nothing until {clock(until, 0)}. Show these hours
        </button>
      </td>
    </tr>
  );
}

import type { CalendarDate } from "@internationalized/date";
import { memo, useMemo } from "react";
import { useSeen } from "../../ui/useSeen";
import { useCalendar } from "./context";
import { DayCounts } from "./DayCounts";
import { dayName, type FocusPlace, spanOf, weekday } from "./dates";
import { useMoving } from "./moving";
import { PostItem } from "./PostItem";
import { countsSentence, POSTS_PER_DAY, POSTS_PER_WEEK, totalOf } from "./posts";
import { useRows } from "./useRows";

interface MonthGridProps {
  readonly weeks: readonly (readonly CalendarDate[])[];
  readonly month: number;
  /** The day that the Tab key comes to. */
  readonly active: FocusPlace;
}

/** The weeks of a month. */
export function MonthGrid({ weeks, month, active }: MonthGridProps) {
  return (
    <>
      <thead>
        <tr>
          {weeks[0]?.map((date) => (
            <th key={date.toString()} scope="col">
              {weekday(date)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <Week key={String(week[0])} week={week} month={month} activeDay={active.day} />
        ))}
      </tbody>
    </>
  );
}

interface WeekProps {
  readonly week: readonly CalendarDate[];
  readonly month: number;
  readonly activeDay: string;
}

function Week({ week, month, activeDay }: WeekProps) {
  const [ref, isSeen] = useSeen<HTMLTableRowElement>();
  return (
    <tr ref={ref}>
      {week.map((date) => (
        <Day
          key={date.toString()}
          date={date}
          week={week}
          isSeen={isSeen}
          isOutside={date.month !== month}
          isActive={date.toString() === activeDay}
        />
      ))}
    </tr>
  );
}

interface DayProps {
  readonly date: CalendarDate;
  readonly week: readonly CalendarDate[];
  readonly isSeen: boolean;
  readonly isOutside: boolean;
  readonly isActive: boolean;
}

const Day = memo(function Day({ date, week, isSeen, isOutside, isActive }: DayProps) {
  const { counts, today, openDay } = useCalendar();
  const day = date.toString();
  const isTarget = useMoving((moving) => moving?.target?.day === day);
  const ownCounts = counts?.get(day);
  const total = totalOf(ownCounts);
  const { posts, isPending, error } = useDayRows(date, week, isSeen && total > 0);
  const shown = total <= POSTS_PER_DAY + 1 ? POSTS_PER_DAY + 1 : POSTS_PER_DAY;
  const isToday = day === today;
  const name = `${dayName(day)}${isToday ? ", today" : ""}${counts === undefined ? "" : `, ${countsSentence(ownCounts)}`}`;
  const classes = [
    "month-day",
    isOutside && "outside",
    isToday && "today",
    isTarget && "target",
    day < today && "over",
  ];
  return (
    <td
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells have keys is a grid
      role="gridcell"
      className={classes.filter(Boolean).join(" ")}
      data-day={day}
      tabIndex={isActive ? 0 : -1}
      aria-current={isToday ? "date" : undefined}
    >
      <div className="month-day-head">
        <span className="visually-hidden">{name}</span>
        <button type="button" className="month-day-number" tabIndex={-1} aria-hidden onClick={() => openDay(day)}>
          {date.day}
        </button>
        <DayCounts counts={ownCounts} />
      </div>
      {error !== null && posts.length === 0 && total > 0 && <p className="small cut day-error">{error.message}</p>}
      <ul>
        {posts.slice(0, shown).map((post) => (
          <PostItem key={post.id} post={post} kind="line" isReachable={isActive} />
        ))}
        {isPending &&
          posts.length === 0 &&
          Array.from({ length: Math.min(total, shown) }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: equal rows that never move
            <li key={row} className="post-item-skeleton" aria-hidden />
          ))}
      </ul>
      {total > shown && (
        <button type="button" className="day-more" tabIndex={isActive ? 0 : -1} onClick={() => openDay(day)}>
          +{(total - shown).toLocaleString("en")}
          <span className="day-more-word"> more</span>
        </button>
      )}
    </td>
  );
});

/** Returns the first posts of a day: from those of its week if these are few. */
export function useDayRows(date: CalendarDate, week: readonly CalendarDate[], isWanted: boolean) {
  const { zone, counts } = useCalendar();
  const ofWeek = week.reduce((sum, one) => sum + totalOf(counts?.get(one.toString())), 0);
  const isBusy = ofWeek > POSTS_PER_WEEK;
  const [day, whole] = useMemo(
    () => [spanOf(date, date, zone), spanOf(week[0] ?? date, week.at(-1) ?? date, zone)],
    [date, week, zone],
  );
  return useRows(day, isBusy ? day : whole, isBusy ? POSTS_PER_DAY + 1 : 2 * POSTS_PER_WEEK, isWanted);
}

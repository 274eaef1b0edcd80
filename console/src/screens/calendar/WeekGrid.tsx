import type { CalendarDate } from "@internationalized/date";
import { memo, useEffect, useMemo, useRef } from "react";
import { countOf } from "../../posts/actions/actions";
import { useSeen } from "../../ui/useSeen";
import { useCalendar } from "./context";
import { DayCounts } from "./DayCounts";
import { clock, dayName, type FocusPlace, HOURS, hoursSpan, isSkipped, STEP_MINUTES, spanOf, weekday } from "./dates";
import { useMoving } from "./moving";
import { PostItem } from "./PostItem";
import { countsSentence, POSTS_PER_WEEK, totalOf } from "./posts";
import { useRows } from "./useRows";

/** A busy week is read in parts of a day, when they come to be seen. */
const PART_HOURS = 6;
const POSTS_PER_PART = 50;
const POSTS_PER_HOUR = 3;
/** Not all posts of the hour were read, so their number is not known. */
const UNKNOWN = "…";
const FIRST_HOUR = 7;

interface WeekGridProps {
  readonly week: readonly CalendarDate[];
  /** The hour that the Tab key comes to. */
  readonly active: FocusPlace;
}

/** The hours of a week. */
export function WeekGrid({ week, active }: WeekGridProps) {
  const head = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    const scroll = head.current?.closest(".week-scroll");
    const first = scroll?.querySelector<HTMLElement>(`[data-hour-row="${FIRST_HOUR}"]`);
    if (first) scroll?.scrollTo(0, first.offsetTop - (head.current?.offsetHeight ?? 0));
  }, []);
  return (
    <>
      <thead ref={head}>
        <tr>
          <td />
          {week.map((date) => (
            <DayHead key={date.toString()} date={date} />
          ))}
        </tr>
      </thead>
      <tbody>
        {HOURS.map((hour) => (
          <HourRow key={hour} hour={hour} week={week} activeDay={active.hour === hour ? active.day : null} />
        ))}
      </tbody>
    </>
  );
}

function DayHead({ date }: { readonly date: CalendarDate }) {
  const { counts, today, openDay } = useCalendar();
  const day = date.toString();
  return (
    <th scope="col" className={day === today ? "today" : ""}>
      <button
        type="button"
        className="week-day"
        aria-label={`${dayName(day)}, ${countsSentence(counts?.get(day))}`}
        onClick={() => openDay(day)}
      >
        {weekday(date)} <span className="month-day-number">{date.day}</span>
      </button>
      <DayCounts counts={counts?.get(day)} />
    </th>
  );
}

interface HourRowProps {
  readonly hour: number;
  readonly week: readonly CalendarDate[];
  readonly activeDay: string | null;
}

const HourRow = memo(function HourRow({ hour, week, activeDay }: HourRowProps) {
  const [ref, isSeen] = useSeen<HTMLTableRowElement>();
  return (
    <tr ref={ref} data-hour-row={hour}>
      <th scope="row" className="soft small">
        {clock(hour, 0)}
      </th>
      {week.map((date) => (
        <Hour
          key={date.toString()}
          date={date}
          hour={hour}
          week={week}
          isSeen={isSeen}
          isActive={date.toString() === activeDay}
        />
      ))}
    </tr>
  );
});

interface HourProps {
  readonly date: CalendarDate;
  readonly hour: number;
  readonly week: readonly CalendarDate[];
  readonly isSeen: boolean;
  readonly isActive: boolean;
}

function Hour({ date, hour, week, isSeen, isActive }: HourProps) {
  const { today, zone, openDay } = useCalendar();
  const day = date.toString();
  const quarter = useMoving((moving) => {
    const target = moving?.target;
    return target?.day === day && target.minute !== undefined && Math.floor(target.minute / 60) === hour
      ? Math.floor((target.minute % 60) / STEP_MINUTES)
      : -1;
  });
  const isGone = useMemo(() => isSkipped(date, hour, zone), [date, hour, zone]);
  const { posts, rest } = useHourRows(date, hour, week, isSeen && !isGone);
  const name = `${dayName(day)}, ${clock(hour, 0)}`;
  const classes = [
    "week-cell",
    day === today && "today",
    isGone && "gone",
    quarter >= 0 && `target quarter-${quarter}`,
  ];
  return (
    <td
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells have keys is a grid
      role="gridcell"
      className={classes.filter(Boolean).join(" ")}
      data-day={day}
      data-hour={hour}
      tabIndex={isActive ? 0 : -1}
    >
      <span className="visually-hidden">
        {name}, {isGone ? "skipped by the clocks" : posts.length === 0 ? "no posts" : countOf(posts)}
      </span>
      <ul>
        {posts.slice(0, POSTS_PER_HOUR).map((post) => (
          <PostItem key={post.id} post={post} kind="line" isReachable={isActive} />
        ))}
      </ul>
      {rest !== null && (
        <button type="button" className="day-more" tabIndex={isActive ? 0 : -1} onClick={() => openDay(day)}>
          {rest === UNKNOWN ? (
            "Open"
          ) : (
            <>
              {rest}
              <span className="day-more-word"> more</span>
            </>
          )}
        </button>
      )}
    </td>
  );
}

function useHourRows(date: CalendarDate, hour: number, week: readonly CalendarDate[], isSeen: boolean) {
  const { zone, counts } = useCalendar();
  const ofWeek = week.reduce((sum, one) => sum + totalOf(counts?.get(one.toString())), 0);
  const isBusy = ofWeek > POSTS_PER_WEEK;
  const [own, part, whole] = useMemo(() => {
    const begin = hour - (hour % PART_HOURS);
    return [
      hoursSpan(date, hour, hour + 1, zone),
      hoursSpan(date, begin, begin + PART_HOURS, zone),
      spanOf(week[0] ?? date, week.at(-1) ?? date, zone),
    ];
  }, [date, hour, week, zone]);
  const isWanted = isSeen && totalOf(counts?.get(date.toString())) > 0;
  const rows = useRows(own, isBusy ? part : whole, isBusy ? POSTS_PER_PART : 2 * POSTS_PER_WEEK, isWanted);
  const { posts, hasMore, lastAt } = rows;
  const hidden = posts.length - POSTS_PER_HOUR;
  // Of hours after the last post that was read, it is not known how many there are.
  const isUnknown = hasMore && lastAt !== undefined && lastAt <= own.until;
  return { posts, rest: isUnknown ? UNKNOWN : hidden > 0 ? `+${hidden}` : null };
}

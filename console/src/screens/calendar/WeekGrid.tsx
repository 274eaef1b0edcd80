import { type CalendarDate, isWeekend } from "@internationalized/date";
import { memo, useMemo, useRef } from "react";
import { countOf } from "../../posts/actions/actions";
import { DayCounts } from "../../posts/DayCounts";
import { countsSentence, totalOf } from "../../posts/dayCounts";
import { postsIn } from "../../posts/groups";
import { useNow } from "../../ui/useNow";
import { useSeen } from "../../ui/useSeen";
import { useCalendar } from "./context";
import {
  clock,
  dayName,
  type FocusPlace,
  HOURS,
  hoursSpan,
  isSkipped,
  minuteOf,
  STEP_MINUTES,
  spanOfWeek,
  weekday,
} from "./dates";
import { FreeSlots } from "./FreeSlots";
import { useMoving } from "./moving";
import { Night, useNights } from "./Night";
import { RowItem } from "./RowItem";
import { POSTS_PER_WEEK } from "./rows";
import { freeSlots } from "./slots";
import { useOpening } from "./useOpening";
import { useRows } from "./useRows";

/** A busy week is read in parts of a day, when they come to be seen. */
const PART_HOURS = 6;
const ROWS_PER_PART = 50;
const ROWS_PER_HOUR = 3;
/** Not all posts of the hour were read, so their number is not known. */
const UNKNOWN = "…";

interface WeekGridProps {
  readonly week: readonly CalendarDate[];
  /** The hour that the Tab key comes to. */
  readonly active: FocusPlace;
}

/** The hours of a week. It opens at the present hour; the hours of the nights are one row if they have no posts. */
export default function WeekGrid({ week, active }: WeekGridProps) {
  const { today, zone } = useCalendar();
  const head = useRef<HTMLTableSectionElement>(null);
  const { isKnown, begin, firstHour } = useNights(week, active.hour);
  const hasToday = week.some((date) => date.toString() === today);
  const minute = minuteOf(useNow().toISOString(), zone);
  const nowHour = hasToday ? Math.floor(minute / 60) : null;
  useOpening(head, isKnown, nowHour ?? firstHour, nowHour === null ? 0 : 1 / 3);
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
        {begin > 0 && <Night until={begin} />}
        {HOURS.slice(begin).map((hour) => (
          <HourRow
            key={hour}
            hour={hour}
            week={week}
            activeDay={active.hour === hour ? active.day : null}
            nowMinute={hour === nowHour ? minute % 60 : null}
          />
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
  /** Where the line of the present is, in the present hour. */
  readonly nowMinute: number | null;
}

const HourRow = memo(function HourRow({ hour, week, activeDay, nowMinute }: HourRowProps) {
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
          nowMinute={nowMinute}
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
  readonly nowMinute: number | null;
}

function Hour({ date, hour, week, isSeen, isActive, nowMinute }: HourProps) {
  const { today, zone, locale, openDay, slots } = useCalendar();
  const day = date.toString();
  const quarter = useMoving((moving) => {
    const target = moving?.target;
    return target?.day === day && target.minute !== undefined && Math.floor(target.minute / 60) === hour
      ? Math.floor((target.minute % 60) / STEP_MINUTES)
      : -1;
  });
  const isGone = useMemo(() => isSkipped(date, hour, zone), [date, hour, zone]);
  const { rows, rest } = useHourRows(date, hour, week, isSeen && !isGone);
  const free = freeSlots(slots, day, zone, hour).slice(0, Math.max(0, ROWS_PER_HOUR - rows.length));
  const name = `${dayName(day)}, ${clock(hour, 0)}`;
  const classes = [
    "week-cell",
    day === today && "today",
    isWeekend(date, locale) && "weekend",
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
        {name}, {isGone ? "skipped by the clocks" : rows.length === 0 ? "no posts" : countOf({ length: postsIn(rows) })}
      </span>
      <ul>
        {rows.slice(0, ROWS_PER_HOUR).map((row) => (
          <RowItem key={row.id} row={row} kind="line" isTall={rows.length + free.length === 1} isReachable={isActive} />
        ))}
        <FreeSlots slots={free} isReachable={isActive} />
      </ul>
      {nowMinute !== null && day === today && (
        <span className="now-line" style={{ top: `${(nowMinute / 60) * 100}%` }} aria-hidden />
      )}
      {rest !== null && (
        <button type="button" className="day-more" tabIndex={isActive ? 0 : -1} onClick={() => openDay(day)}>
          {rest === UNKNOWN ? (
            "Open"
          ) : (
            <>
              {rest}
              <span className="day-more-word"> {rest === "+1" ? "post" : "posts"}</span>
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
      spanOfWeek(week, zone),
    ];
  }, [date, hour, week, zone]);
  // The posts of a week that is read at once are there before its hours are seen.
  const isWanted = (isSeen || !isBusy) && totalOf(counts?.get(date.toString())) > 0;
  const limit = isBusy ? ROWS_PER_PART : POSTS_PER_WEEK;
  const { rows, hasMore, lastAt } = useRows(own, isBusy ? part : whole, limit, isWanted);
  const hidden = postsIn(rows.slice(ROWS_PER_HOUR));
  // Of hours after the last post that was read, it is not known how many there are.
  const isUnknown = hasMore && lastAt !== undefined && lastAt <= own.until;
  return { rows, rest: isUnknown ? UNKNOWN : hidden > 0 ? `+${hidden}` : null };
}

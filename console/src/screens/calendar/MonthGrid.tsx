import { type CalendarDate, isWeekend } from "@internationalized/date";
import { memo } from "react";
import { DayCounts } from "../../posts/DayCounts";
import { countsSentence, totalOf } from "../../posts/dayCounts";
import { useSeen } from "../../ui/useSeen";
import { useCalendar } from "./context";
import { dayName, type FocusPlace, weekday } from "./dates";
import { partOf, useDayRows } from "./dayRows";
import { FreeSlots } from "./FreeSlots";
import { useMoving } from "./moving";
import { RowItem } from "./RowItem";
import { freeSlots } from "./slots";

interface MonthGridProps {
  readonly weeks: readonly (readonly CalendarDate[])[];
  readonly month: number;
  /** The day that the Tab key comes to. */
  readonly active: FocusPlace;
}

/** The weeks of a month. */
export default function MonthGrid({ weeks, month, active }: MonthGridProps) {
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
  const { counts, today, locale, rowsPerDay, openDay, slots, zone } = useCalendar();
  const day = date.toString();
  const isTarget = useMoving((moving) => moving?.target?.day === day);
  const ownCounts = counts?.get(day);
  const total = totalOf(ownCounts);
  const { rows, isPending, error } = useDayRows(date, week, isSeen && total > 0);
  const { shown, rest } = partOf(rows, total, rowsPerDay);
  const room = Math.max(0, rowsPerDay - shown.length - (rest > 0 ? 1 : 0));
  const free = freeSlots(slots, day, zone).slice(0, room);
  const isTall = 2 * shown.length + free.length <= rowsPerDay + 1;
  const isToday = day === today;
  const name = `${dayName(day)}${isToday ? ", today" : ""}${counts === undefined ? "" : `, ${countsSentence(ownCounts)}`}`;
  const classes = [
    "month-day",
    isOutside && "outside",
    isWeekend(date, locale) && "weekend",
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
      {error !== null && rows.length === 0 && total > 0 && <p className="small cut day-error">{error.message}</p>}
      <ul>
        {shown.map((row) => (
          <RowItem key={row.id} row={row} kind="line" isTall={isTall} isReachable={isActive} />
        ))}
        {isPending &&
          rows.length === 0 &&
          Array.from({ length: Math.min(total, rowsPerDay) }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: equal rows that never move
            <li key={row} className="row-item-skeleton" aria-hidden />
          ))}
        <FreeSlots slots={free} isReachable={isActive} />
      </ul>
      {rest > 0 && !isPending && (
        <button type="button" className="day-more" tabIndex={isActive ? 0 : -1} onClick={() => openDay(day)}>
          +{rest.toLocaleString("en")}
          <span className="day-more-word"> {rest === 1 ? "post" : "posts"}</span>
        </button>
      )}
    </td>
  );
});

import type { CalendarDate } from "@internationalized/date";
import { CalendarDays, Plus } from "lucide-react";
import { useEffect, useRef } from "react";
import { DayCounts } from "../../posts/DayCounts";
import { countsSentence, totalOf } from "../../posts/dayCounts";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { SkeletonRows } from "../../ui/Skeleton";
import { useSeen } from "../../ui/useSeen";
import { useCalendar } from "./context";
import { dayName } from "./dates";
import { partOf, useDayRows } from "./dayRows";
import { FreeSlots } from "./FreeSlots";
import { RowItem } from "./RowItem";
import { freeSlots } from "./slots";
import "./day-list.css";

interface DayListProps {
  readonly weeks: readonly (readonly CalendarDate[])[];
  /** Only days of this month; null: of all weeks. */
  readonly month: number | null;
}

/** The days that have posts, one below the other, and today; for a phone. */
export default function DayList({ weeks, month }: DayListProps) {
  const { counts, today, slots } = useCalendar();
  const list = useRef<HTMLDivElement>(null);
  const isRead = counts !== undefined;
  useEffect(() => {
    if (isRead) list.current?.querySelector('[aria-current="date"]')?.scrollIntoView({ block: "start" });
  }, [isRead]);
  if (counts === undefined) return <SkeletonRows rows={8} height="56px" />;
  const hasSomething = (day: string) =>
    totalOf(counts.get(day)) > 0 || slots.get(day)?.some(({ isFree }) => isFree) === true;
  const isShown = (day: string) => day === today || hasSomething(day);
  const days = weeks.flatMap((week) =>
    week
      .filter((date) => month === null || date.month === month)
      .filter((date) => isShown(date.toString()))
      .map((date) => ({ date, week })),
  );
  if (!days.some(({ date }) => hasSomething(date.toString()))) {
    return (
      <div className="panel">
        <EmptyState icon={CalendarDays} title="No posts here">
          Posts that are scheduled for these days appear here by themselves. Choose other days, or another project.
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="day-list" ref={list}>
      {days.map(({ date, week }) => (
        <ListedDay key={date.toString()} date={date} week={week} />
      ))}
    </div>
  );
}

function ListedDay({ date, week }: { readonly date: CalendarDate; readonly week: readonly CalendarDate[] }) {
  const { counts, today, zone, rowsPerDay, openDay, compose, slots } = useCalendar();
  const [ref, isSeen] = useSeen<HTMLElement>();
  const day = date.toString();
  const ownCounts = counts?.get(day);
  const total = totalOf(ownCounts);
  const { rows, error } = useDayRows(date, week, isSeen && total > 0);
  const { shown, rest } = partOf(rows, total, rowsPerDay);
  const free = freeSlots(slots, day, zone);
  return (
    <section
      className={day < today ? "listed-day over" : "listed-day"}
      ref={ref}
      aria-label={`${dayName(day)}, ${countsSentence(ownCounts)}`}
      aria-current={day === today ? "date" : undefined}
    >
      <header>
        <h2>
          {dayName(day)} {day === today && <span className="soft">Today</span>}
        </h2>
        <DayCounts counts={ownCounts} />
        {compose !== null && day >= today && (
          <Button kind="quiet" isIcon aria-label={`New post on ${dayName(day)}`} onPress={() => compose({ day })}>
            <Plus aria-hidden />
          </Button>
        )}
      </header>
      {error !== null && <p className="small day-error">{error.message}</p>}
      <ul className="panel">
        {shown.map((row) => (
          <RowItem key={row.id} row={row} kind="row" />
        ))}
        {rows.length === 0 &&
          Array.from({ length: Math.min(total, rowsPerDay) }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: equal rows that never move
            <li key={row} className="row-item row" aria-hidden />
          ))}
        <FreeSlots slots={free} isReachable />
        {total === 0 && free.length === 0 && <li className="soft small listed-day-none">Nothing is planned.</li>}
        {rest > 0 && rows.length > 0 && (
          <li>
            <button type="button" className="day-more" onClick={() => openDay(day)}>
              +{rest.toLocaleString("en")} {rest === 1 ? "post" : "posts"}
            </button>
          </li>
        )}
      </ul>
    </section>
  );
}

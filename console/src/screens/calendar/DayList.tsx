import type { CalendarDate } from "@internationalized/date";
import { CalendarDays } from "lucide-react";
import { useEffect, useRef } from "react";
import { EmptyState } from "../../ui/EmptyState";
import { SkeletonRows } from "../../ui/Skeleton";
import { useSeen } from "../../ui/useSeen";
import { useCalendar } from "./context";
import { DayCounts } from "./DayCounts";
import { dayName } from "./dates";
import { useDayRows } from "./MonthGrid";
import { PostItem } from "./PostItem";
import { countsSentence, POSTS_PER_DAY, totalOf } from "./posts";
import "./day-list.css";

interface DayListProps {
  readonly weeks: readonly (readonly CalendarDate[])[];
  /** Only days of this month; null: of all weeks. */
  readonly month: number | null;
}

/** The days that have posts, one below the other, and today; for a phone. */
export function DayList({ weeks, month }: DayListProps) {
  const { counts, today } = useCalendar();
  const list = useRef<HTMLDivElement>(null);
  const isRead = counts !== undefined;
  useEffect(() => {
    if (isRead) list.current?.querySelector('[aria-current="date"]')?.scrollIntoView({ block: "start" });
  }, [isRead]);
  if (counts === undefined) return <SkeletonRows rows={8} height="56px" />;
  const days = weeks.flatMap((week) =>
    week
      .filter((date) => month === null || date.month === month)
      .filter((date) => date.toString() === today || totalOf(counts.get(date.toString())) > 0)
      .map((date) => ({ date, week })),
  );
  if (!days.some(({ date }) => totalOf(counts.get(date.toString())) > 0)) {
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
  const { counts, today, openDay } = useCalendar();
  const [ref, isSeen] = useSeen<HTMLElement>();
  const day = date.toString();
  const ownCounts = counts?.get(day);
  const total = totalOf(ownCounts);
  const { posts, error } = useDayRows(date, week, isSeen && total > 0);
  const shown = total <= POSTS_PER_DAY + 1 ? total : POSTS_PER_DAY;
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
      </header>
      {error !== null && <p className="small day-error">{error.message}</p>}
      <ul className="panel">
        {posts.slice(0, shown).map((post) => (
          <PostItem key={post.id} post={post} kind="row" />
        ))}
        {Array.from({ length: Math.max(0, shown - posts.length) }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: equal rows that never move
          <li key={row} className="post-item row" aria-hidden />
        ))}
        {total === 0 && <li className="soft small listed-day-none">Nothing is planned.</li>}
        {total > shown && (
          <li>
            <button type="button" className="day-more" onClick={() => openDay(day)}>
              +{(total - shown).toLocaleString("en")} more
            </button>
          </li>
        )}
      </ul>
    </section>
  );
}

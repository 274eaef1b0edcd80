import type { Status } from "presswork-client";
import { type Counts, countsSentence, STATUSES } from "./dayCounts";
import "./day-counts.css";

interface DayCountsProps {
  readonly counts: Counts | undefined;
}

/** How many posts of each status a day has; drafts and published posts are both delivered. */
export function DayCounts({ counts }: DayCountsProps) {
  const shown = STATUSES.filter((status) => (counts?.[status] ?? 0) > 0);
  if (shown.length === 0) return null;
  return (
    <span className="day-counts" title={countsSentence(counts)} aria-hidden>
      {shown.map((status: Status) => (
        <span key={status} className={`day-count ${status}`}>
          {counts?.[status]?.toLocaleString("en")}
        </span>
      ))}
    </span>
  );
}

import type { CalendarDate } from "@internationalized/date";
import { useId } from "react";
import { dateOf, dayCount, dayName, daysOf } from "../../posts/days";
import type { Row } from "../../posts/groups";
import { useNow } from "../../ui/useNow";
import type { Filter } from "./filter";
import { GroupRow } from "./GroupRow";
import type { RowContext } from "./PostRow";
import { useCount } from "./useTotals";
import type { View } from "./views";

interface DaysProps {
  readonly context: RowContext;
  readonly rows: readonly Row[];
  readonly view: View;
  readonly zone: string;
  readonly filter: Filter;
  readonly hasMore: boolean;
  readonly open: ReadonlySet<string>;
  readonly onToggle: (row: string) => void;
}

/** The rows by days. */
export function Days({ rows, view, zone, filter, hasMore, ...props }: DaysProps) {
  const now = useNow();
  const days = daysOf(rows, zone);
  return (
    <div className="queue">
      {days.map((day, place) => (
        <DayRows
          // biome-ignore lint/suspicious/noArrayIndexKey: a row that was moved can be between those of another day
          key={`${day.date} ${place}`}
          {...props}
          {...day}
          view={view}
          today={dateOf(now.toISOString(), zone)}
          partOf={hasMore && place === days.length - 1 ? spanOf(day.date, zone, filter) : null}
        />
      ))}
    </div>
  );
}

interface DayRowsProps extends Pick<DaysProps, "context" | "view" | "open" | "onToggle"> {
  readonly date: CalendarDate;
  readonly rows: readonly Row[];
  readonly today: CalendarDate;
  /** The filter of the day, if only some of its rows are loaded. */
  readonly partOf: Filter | null;
}

function DayRows({ context, date, rows, view, today: now, partOf, open, onToggle }: DayRowsProps) {
  const id = useId();
  const counted = useCount(context.environment, partOf);
  const loaded = rows.reduce((count, { posts }) => count + posts.length, 0);
  const count = partOf === null ? loaded : counted?.total;
  const name = dayName(date, now);
  return (
    <section aria-labelledby={id}>
      <h2 className="queue-day" id={id}>
        {name} {count !== undefined && <span className="soft">{dayCount(count, date, now, view.order === "asc")}</span>}
      </h2>
      <ul className="panel" aria-label={`Posts: ${view.label}, ${name}`}>
        {rows.map((row) => (
          <GroupRow key={row.id} context={context} row={row} day={date} isOpen={open.has(row.id)} onToggle={onToggle} />
        ))}
      </ul>
    </section>
  );
}

/** Returns the filter of a day within that of the list. */
function spanOf(date: CalendarDate, zone: string, filter: Filter): Filter {
  const since = date.toDate(zone).toISOString();
  const until = new Date(date.add({ days: 1 }).toDate(zone).getTime() - 1).toISOString();
  return {
    ...filter,
    since: filter.since !== undefined && filter.since > since ? filter.since : since,
    until: filter.until !== undefined && filter.until < until ? filter.until : until,
  };
}

import { Plus, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { usePages } from "../../api/usePages";
import { countsSentence } from "../../posts/dayCounts";
import { rowOf } from "../../posts/groups";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { CalendarProvider, useCalendar } from "./context";
import { dayName, parsedDay, spanOf } from "./dates";
import { FreeSlots } from "./FreeSlots";
import { listGroups, rowsKey } from "./queries";
import { RowItem } from "./RowItem";
import { rowsAfter } from "./rows";
import { freeSlots } from "./slots";
import "./day-panel.css";

const ROWS = 25;

interface DayPanelProps {
  readonly day: string;
  /** Beside the calendar, so that posts can be dragged out of it; else above it. */
  readonly isBeside: boolean;
  readonly onClose: () => void;
}

/** All posts of a day. */
export default function DayPanel({ day, isBeside, onClose }: DayPanelProps) {
  const context = useCalendar();
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each day that is opened gets the focus
  useEffect(() => heading.current?.focus(), [day]);
  if (!isBeside) {
    return (
      <CalendarProvider value={{ ...context, hasGrid: false }}>
        <Dialog isOpen onClose={onClose} title={dayName(day)}>
          <Rows key={day} day={day} />
        </Dialog>
      </CalendarProvider>
    );
  }
  return (
    <aside
      className="panel day-panel"
      aria-label={dayName(day)}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <header>
        <h2 ref={heading} tabIndex={-1}>
          {dayName(day)}
        </h2>
        <Button kind="quiet" isIcon aria-label="Close the day" onPress={onClose}>
          <X aria-hidden />
        </Button>
      </header>
      <Rows key={day} day={day} />
    </aside>
  );
}

function Rows({ day }: { readonly day: string }) {
  const { environment, zone, today, whose, counts, moves, compose, slots } = useCalendar();
  const date = parsedDay(day);
  const span = date === null ? { since: "", until: "" } : spanOf(date, date, zone);
  const list = usePages([...rowsKey(environment, span), whose, "pages"], () =>
    listGroups(environment, span, whose, ROWS),
  );
  const rows = rowsAfter(list.rows.map(rowOf), moves.pending, (at) => span.since <= at && at <= span.until);
  return (
    <div className="day-panel-body">
      <p className="soft small">{counts === undefined ? "" : countsSentence(counts.get(day))}</p>
      {compose !== null && day >= today && (
        <Button onPress={() => compose({ day })}>
          <Plus aria-hidden /> New post on this day
        </Button>
      )}
      {list.isPending && <SkeletonRows rows={5} height="56px" />}
      {list.error && <ErrorNotice error={list.error} />}
      <ul>
        {rows.map((row) => (
          <RowItem key={row.id} row={row} kind="row" />
        ))}
        <FreeSlots slots={freeSlots(slots, day, zone)} isReachable />
      </ul>
      {list.hasMore && (
        <Button isPending={list.isFetchingMore} onPress={list.fetchMore}>
          Show more
        </Button>
      )}
    </div>
  );
}

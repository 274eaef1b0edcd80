import type { CalendarDate } from "@internationalized/date";
import {
  type KeyboardEvent,
  lazy,
  type MouseEvent,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { useCalendar } from "./context";
import { atOf, type FocusPlace, parsedDay, steppedFocus } from "./dates";
import { MovingBar } from "./MovingBar";
import type { CalendarSearch } from "./search";

const MonthGrid = lazy(() => import("./MonthGrid"));
const WeekGrid = lazy(() => import("./WeekGrid"));
const FIRST_HOUR = 9;

interface CalendarGridProps {
  readonly weeks: readonly (readonly CalendarDate[])[];
  /** Null in a week. */
  readonly month: number | null;
  readonly anchor: CalendarDate;
  readonly title: string;
  readonly onShow: (change: CalendarSearch, replace: boolean) => void;
}

/** The grid of a month or week, and its keys. One cell has the focus; its rows come after it with the Tab key. A click on the room in a cell starts a post there. */
export function CalendarGrid({ weeks, month, anchor, title, onShow }: CalendarGridProps) {
  const { view, today, locale, openDay, compose } = useCalendar();
  const grid = useRef<HTMLTableElement>(null);
  const mustFocus = useRef(false);
  const help = useId();
  const [place, setPlace] = useState<FocusPlace>({ day: today });
  const isShown = useCallback(
    (day: string) => day >= String(weeks[0]?.[0]) && day <= String(weeks.at(-1)?.[6]),
    [weeks],
  );
  const day =
    [place.day, today].find(isShown) ?? (month === null ? String(weeks[0]?.[0]) : anchor.set({ day: 1 }).toString());
  const hour = month === null ? (place.hour ?? FIRST_HOUR) : undefined;

  const reach = useCallback(
    (next: FocusPlace) => {
      mustFocus.current = true;
      setPlace(next);
      const date = parsedDay(next.day);
      if (!isShown(next.day) && date !== null) onShow({ at: atOf(view, date, locale) }, true);
    },
    [isShown, onShow, view, locale],
  );
  useEffect(() => {
    if (!mustFocus.current) return;
    const cell = grid.current?.querySelector<HTMLElement>('[role="gridcell"][tabindex="0"]');
    if (cell?.dataset["day"] !== place.day) return; // its page is on its way
    mustFocus.current = false;
    cell.focus();
  });

  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.currentTarget.contains(event.target as Node)) return;
    const cell = (event.target as Element).closest<HTMLElement>('[role="gridcell"]');
    if (cell === null) return;
    if (event.key === "c" && compose !== null) {
      event.preventDefault();
      compose({ day, hour });
      return;
    }
    if (event.key === "Enter" && event.target === cell) {
      event.preventDefault();
      openDay(day);
      return;
    }
    const next = steppedFocus(event.key, day, hour, locale);
    if (next === null) return;
    event.preventDefault();
    reach(next);
  };
  const follow = (target: Element) => {
    const focused = placeOf(target);
    if (focused !== null) setPlace(focused);
  };
  const click = (event: MouseEvent) => {
    const target = event.target as Element;
    const clicked = target.closest("a, button, .row-item") === null ? placeOf(target) : null;
    if (clicked !== null) compose?.(clicked);
  };
  const active = { day, hour };
  const cells: ReactNode =
    month === null ? (
      <WeekGrid key={String(weeks[0]?.[0])} week={weeks[0] ?? []} active={active} />
    ) : (
      <MonthGrid weeks={weeks} month={month} active={active} />
    );
  return (
    <div>
      <div className={month === null ? "panel week-scroll" : "panel"}>
        <table
          ref={grid}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells have keys is a grid
          role="grid"
          aria-label={title}
          aria-describedby={help}
          className={`calendar-${view}${compose === null ? "" : " can-compose"}`}
          onKeyDown={press}
          onClick={click}
          onFocus={(event) => follow(event.target)}
        >
          <Suspense>{cells}</Suspense>
        </table>
      </div>
      <p className="soft small calendar-help" id={help}>
        Arrow keys go from day to day, Page Up and Page Down to other {view}s; Enter opens a day
        {compose !== null && `, C starts a post for ${month === null ? "that hour" : "that day"}`}. On what is queued, M
        picks it up: arrow keys move it, Enter drops it.
      </p>
      <MovingBar onReach={reach} />
    </div>
  );
}

/** Returns the day, and in a week the hour, that an element is in. */
function placeOf(element: Element): FocusPlace | null {
  const { day, hour } = element.closest<HTMLElement>('[role="gridcell"]')?.dataset ?? {};
  return day === undefined ? null : { day, hour: hour === undefined ? undefined : Number(hour) };
}

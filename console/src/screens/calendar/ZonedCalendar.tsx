import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import { useCallback, useMemo, useState } from "react";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useMediaQuery } from "../../ui/useMediaQuery";
import { useNow } from "../../ui/useNow";
import { CalendarGrid } from "./CalendarGrid";
import { type CalendarContext, CalendarProvider, type OpenMenu } from "./context";
import { DayList } from "./DayList";
import { DayPanel } from "./DayPanel";
import { anchorOf, atOf, parsedDay, spanOf, titleOf, todayIn, turned, weeksOf } from "./dates";
import { MoveTo } from "./MoveTo";
import { PostMenu } from "./PostMenu";
import { countsAfter, countsByDay } from "./posts";
import { summaryQuery } from "./queries";
import type { CalendarSearch } from "./search";
import { Toolbar } from "./Toolbar";
import { useMoves } from "./useMoves";

const route = getRouteApi("/$environment/calendar");
/** Which day begins a week. */
const locale = navigator.language;

interface ZonedCalendarProps {
  readonly environment: Environment;
  readonly zone: string;
}

/** The calendar, once its zone is known. */
export function ZonedCalendar({ environment, zone }: ZonedCalendarProps) {
  const { view = "month", at, project, account, day, move } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const isNarrow = useMediaQuery("(max-width: 767px)");
  const isBeside = useMediaQuery("(min-width: 1100px)");
  const today = todayIn(zone, useNow());

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new day may be another week
  const anchor = useMemo(() => anchorOf(view, at, zone), [view, at, zone, today]);
  const weeks = useMemo(() => weeksOf(view, anchor, locale), [view, anchor]);
  const span = useMemo(() => spanOf(weeks[0]?.[0] ?? anchor, weeks.at(-1)?.[6] ?? anchor, zone), [weeks, anchor, zone]);
  const summary = useQuery(summaryQuery(environment, span, zone, project));
  const moves = useMoves(environment, zone);
  const counts = useMemo(
    () => summary.data && countsAfter(countsByDay(summary.data, account), moves.pending, zone),
    [summary.data, account, moves.pending, zone],
  );

  const show = useCallback(
    (change: CalendarSearch, replace = false) =>
      void navigate({ search: (before) => ({ ...before, ...change }), replace, resetScroll: false }),
    [navigate],
  );
  const context = useMemo<CalendarContext>(
    () => ({
      environment,
      view,
      zone,
      today,
      locale,
      whose: { projectId: project, socialAccountId: account },
      counts,
      moves,
      mayMove: session.scopes.includes("publish:write"),
      hasGrid: !isNarrow,
      openDay: (opened) => show({ day: opened }),
      openMenu: setMenu,
    }),
    [environment, view, zone, today, project, account, counts, moves, session, isNarrow, show],
  );
  const turn = (pages: number) => {
    const date = pages === 0 ? anchorOf(view, undefined, zone) : turned(view, anchor, pages);
    show({ at: pages === 0 ? undefined : atOf(view, date, locale) });
  };
  const month = view === "month" ? anchor.month : null;
  const openedDay = day !== undefined && parsedDay(day) !== null ? day : undefined;
  const closeDay = (closed: string) => {
    show({ day: undefined });
    document.querySelector<HTMLElement>(`td[data-day="${closed}"]`)?.focus(); // a dialog does so by itself
  };
  return (
    <CalendarProvider value={context}>
      <Toolbar environment={environment} title={titleOf(view, anchor, weeks)} view={view} zone={zone} onTurn={turn} />
      {summary.error && <ErrorNotice error={summary.error} />}
      <div className={openedDay !== undefined && isBeside ? "calendar-with-day" : ""}>
        {isNarrow ? (
          <DayList key={String(weeks[0]?.[0])} weeks={weeks} month={month} />
        ) : (
          <CalendarGrid
            weeks={weeks}
            month={month}
            anchor={anchor}
            title={titleOf(view, anchor, weeks)}
            onShow={show}
          />
        )}
        {openedDay !== undefined && (
          <DayPanel day={openedDay} isBeside={isBeside} onClose={() => closeDay(openedDay)} />
        )}
      </div>
      {menu !== null && (
        <PostMenu menu={menu} onClose={() => setMenu(null)} onMoveTo={(postId) => show({ move: postId })} />
      )}
      {move !== undefined && <MoveTo postId={move} onClose={() => show({ move: undefined })} />}
    </CalendarProvider>
  );
}

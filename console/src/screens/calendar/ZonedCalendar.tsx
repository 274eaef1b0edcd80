import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { Environment, ScheduledPost } from "presswork-client";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { useActiveProjects } from "../../api/projects";
import { mayCompose } from "../../app/NewPost";
import { summaryQuery } from "../../posts/dayCounts";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useMediaQuery } from "../../ui/useMediaQuery";
import { useNow } from "../../ui/useNow";
import { CalendarGrid } from "./CalendarGrid";
import { type CalendarContext, CalendarProvider, type OpenMenu } from "./context";
import {
  anchorOf,
  atOf,
  composeAt,
  type FocusPlace,
  parsedDay,
  spanOf,
  titleOf,
  todayIn,
  turned,
  weeksOf,
} from "./dates";
import { countsAfter, countsByDay } from "./rows";
import type { CalendarSearch } from "./search";
import { NO_SLOTS, type Slot } from "./slots";
import { Toolbar } from "./Toolbar";
import { useMoves } from "./useMoves";
import { useRowsPerDay } from "./useRowsPerDay";

const DayList = lazy(() => import("./DayList"));
const DayPanel = lazy(() => import("./DayPanel"));
const MoveTo = lazy(() => import("./MoveTo"));
const SlotReader = lazy(() => import("./SlotReader"));
const RowMenu = lazy(() => import("./RowMenu"));
const route = getRouteApi("/$environment/calendar");
/** Which day begins a week. */
const locale = navigator.language;

interface ZonedCalendarProps {
  readonly environment: Environment;
  readonly zone: string;
}

/** The calendar, once its zone is known. */
export function ZonedCalendar({ environment, zone }: ZonedCalendarProps) {
  const { view = "month", at, project, account, label, day, move, to } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const isNarrow = useMediaQuery("(max-width: 767px)");
  const isBeside = useMediaQuery("(min-width: 1100px)");
  const isWide = useMediaQuery("(min-width: 1440px)");
  const now = useNow();
  const today = todayIn(zone, now);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new day may be another week
  const anchor = useMemo(() => anchorOf(view, at, zone), [view, at, zone, today]);
  const weeks = useMemo(() => weeksOf(view, anchor, locale), [view, anchor]);
  const rowsPerDay = useRowsPerDay(weeks.length);
  const span = useMemo(() => spanOf(weeks[0]?.[0] ?? anchor, weeks.at(-1)?.[6] ?? anchor, zone), [weeks, anchor, zone]);
  const summary = useQuery(summaryQuery(environment, span, zone, project, label));

  const show = useCallback(
    (change: CalendarSearch, replace = false) =>
      void navigate({ search: (before) => ({ ...before, ...change }), replace, resetScroll: false }),
    [navigate],
  );
  const askWhich = useCallback(
    (posts: readonly ScheduledPost[], instant: Date) =>
      show({ move: posts.map(({ id }) => id).join("."), to: instant.toISOString() }),
    [show],
  );
  const [slots, setSlots] = useState(NO_SLOTS);
  // Of all projects, a calendar would be full of slots.
  const projects = useActiveProjects(environment).data;
  const slotsOf = project ?? (projects?.length === 1 ? projects[0]?.id : undefined);
  const moves = useMoves(environment, zone, slots, askWhich);
  const counts = useMemo(
    () => summary.data && countsAfter(countsByDay(summary.data, account), moves.pending, zone),
    [summary.data, account, moves.pending, zone],
  );
  const context = useMemo<CalendarContext>(() => {
    const compose = (place: FocusPlace) => {
      const when = composeAt(place, zone, new Date());
      if (when === null) return;
      const search = { at: when, ...(project !== undefined && { project }) };
      void navigate({ to: "/$environment/compose", params: { environment }, search });
    };
    const composeInSlot = ({ slotAt, queueId, projectId }: Slot) => {
      const search = { at: `${slotAt.slice(0, 16)}Z`, queue: queueId, project: projectId };
      void navigate({ to: "/$environment/compose", params: { environment }, search });
    };
    return {
      environment,
      view,
      zone,
      today,
      locale,
      whose: { projectId: project, socialAccountId: account, label },
      counts,
      moves,
      slots,
      mayMove: session.scopes.includes("publish:write"),
      hasGrid: !isNarrow,
      rowsPerDay,
      marks: isWide ? 4 : 2,
      openDay: (opened) => show({ day: opened }),
      openMenu: setMenu,
      compose: mayCompose(session) ? compose : null,
      composeInSlot: mayCompose(session) ? composeInSlot : null,
    };
  }, [
    environment,
    view,
    zone,
    today,
    project,
    account,
    label,
    counts,
    moves,
    slots,
    session,
    isNarrow,
    rowsPerDay,
    isWide,
    show,
    navigate,
  ]);
  const turn = (pages: number) => {
    const date = pages === 0 ? anchorOf(view, undefined, zone) : turned(view, anchor, pages);
    show({ at: pages === 0 ? undefined : atOf(view, date, locale) });
  };
  const month = view === "month" ? anchor.month : null;
  const title = titleOf(view, anchor, weeks);
  const openedDay = day !== undefined && parsedDay(day) !== null ? day : undefined;
  const closeDay = (closed: string) => {
    show({ day: undefined });
    document.querySelector<HTMLElement>(`td[data-day="${closed}"]`)?.focus(); // a dialog does so by itself
  };
  return (
    <CalendarProvider value={context}>
      <Toolbar environment={environment} title={title} view={view} zone={zone} onTurn={turn} />
      {summary.error && <ErrorNotice error={summary.error} />}
      <div className={openedDay !== undefined && isBeside ? "calendar-with-day" : ""}>
        {isNarrow ? (
          <Suspense>
            <DayList key={String(weeks[0]?.[0])} weeks={weeks} month={month} />
          </Suspense>
        ) : (
          <CalendarGrid weeks={weeks} month={month} anchor={anchor} title={title} onShow={show} />
        )}
        <Suspense>
          {openedDay !== undefined && (
            <DayPanel day={openedDay} isBeside={isBeside} onClose={() => closeDay(openedDay)} />
          )}
        </Suspense>
      </div>
      <Suspense>
        {slotsOf !== undefined && (
          <SlotReader {...{ environment, projectId: slotsOf, span, zone, now }} onSlots={setSlots} />
        )}
        {menu !== null && (
          <RowMenu
            menu={menu}
            onClose={() => setMenu(null)}
            onMoveTo={(postIds) => show({ move: postIds.join("."), to: undefined })}
          />
        )}
        {move !== undefined && (
          <MoveTo
            key={`${move} ${to ?? ""}`}
            postIds={move.split(".")}
            to={to}
            onClose={() => show({ move: undefined, to: undefined })}
          />
        )}
      </Suspense>
    </CalendarProvider>
  );
}

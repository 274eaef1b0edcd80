import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { ListOrdered, Table2 } from "lucide-react";
import type { PostCount } from "presswork-client";
import { lazy, type MouseEvent, Suspense, useDeferredValue, useMemo, useRef } from "react";
import { flushSync } from "react-dom";
import { clientOf } from "../../api/client";
import { useZoneOfDays, useZones } from "../../api/projects";
import { useLiveUpdates } from "../../api/useLiveUpdates";
import { usePages } from "../../api/usePages";
import { Screen } from "../../app/Screen";
import { rowOf } from "../../posts/groups";
import { LiveBadge } from "../../posts/LiveBadge";
import { refreshMsOf } from "../../posts/queries";
import { numberOf } from "../../posts/queuedCount";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SearchField } from "../../ui/SearchField";
import { SkeletonRows } from "../../ui/Skeleton";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import { useNow } from "../../ui/useNow";
import { Arrangement } from "./Arrangement";
import { DayJump } from "./DayJump";
import { Days } from "./Days";
import { exportUrl } from "./exportUrl";
import { Filters } from "./Filters";
import { filterOf } from "./filter";
import { ListHead } from "./ListHead";
import { focusRow } from "./rowElements";
import { ShowMore } from "./ShowMore";
import { CLOSED, isFiltered, listOf, type QueueSearch, textOf } from "./search";
import { useHeldRows } from "./useHeldRows";
import { useLaterPosts } from "./useLaterPosts";
import { useQueueKeys } from "./useQueueKeys";
import { areAllSelected, useSelection } from "./useSelection";
import { useCount, useTotals } from "./useTotals";
import { VIEWS, viewOf } from "./views";
import "./queue.css";

const BulkBar = lazy(() => import("./BulkBar"));
const Lanes = lazy(() => import("./Lanes"));
const QueueDialogs = lazy(() => import("./QueueDialogs"));
const route = getRouteApi("/$environment/queue");
const ROWS = 25;
const NOTHING_SELECTED = { selected: undefined, ...CLOSED } as const;
const OF_ONE_VIEW = { status: undefined, live: undefined, since: undefined } as const;

/** The posts of all projects, live. */
export default function Queue() {
  const { environment } = route.useParams();
  const { session } = route.useRouteContext();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const router = useRouter();
  const content = useRef<HTMLDivElement>(null);
  const live = useLiveUpdates(environment);
  const view = viewOf(search.view);
  const isByAccount = search.by === "account";
  const canChange = session.scopes.includes("publish:write");
  const zoneOf = useZones(environment);
  const zone = useZoneOfDays(environment, search.project);
  const filter = filterOf(search, zone);
  const list = usePages(
    [environment, "posts", "groups", filter, view.id],
    () =>
      clientOf(environment).publishing.searchGroups({
        ...filter,
        order: view.order,
        limit: ROWS,
        ...(view.isDue && { until: new Date() }),
      }),
    refreshMsOf(view.statuses),
  );
  const totals = useTotals(environment, search, zone, !list.isPending);
  const fresh = useMemo(() => list.rows.map(rowOf), [list.rows]);
  const isInUse = search.act !== undefined || search.jobs !== undefined;
  const held = useHeldRows(JSON.stringify([filter, view.id]), fresh, isInUse);
  const latest = useLaterPosts(environment, held.rows, held.gone);
  // Hundreds of rows are made in parts, between which the page answers.
  const rows = useDeferredValue(latest);
  const isLate = rows !== latest;

  const change = (next: Partial<QueueSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), resetScroll: false });
  /** Another list: what was selected in the former one is no longer seen. */
  const narrow = (next: Partial<QueueSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...NOTHING_SELECTED, ...next }), replace });
  const act = (next: Pick<QueueSearch, "act" | "on">) => change({ ...CLOSED, ...next });
  const selection = useSelection(
    content,
    listOf(search.selected),
    (select) =>
      void navigate({
        search: (before) => ({ ...before, selected: textOf(select(listOf(before.selected))) }),
        replace: true,
        resetScroll: false,
      }),
  );
  const allowed = canChange ? selection : null;
  useQueueKeys(content, allowed, act);

  const toggle = (row: string) =>
    void navigate({
      search: (before) => {
        const open = listOf(before.open);
        return { ...before, open: textOf(open.includes(row) ? open.filter((one) => one !== row) : [...open, row]) };
      },
      replace: true,
      resetScroll: false,
    });

  /** The button that was pressed is gone then. After a key, the focus moves to the first row. */
  const release = ({ detail }: MouseEvent) => {
    flushSync(held.release);
    if (detail === 0) focusRow(content.current, 1);
  };

  const minute = `${useNow().toISOString().slice(0, 16)}:00Z`; // so that it is not counted again at each tick
  const matching = { ...filter, ...(view.isDue && { until: minute }) };
  const total = useCount(environment, allowed !== null && areAllSelected(allowed, rows) ? matching : null)?.total;
  const context = { environment, selection: allowed, onAct: act, gone: held.gone, zoneOf };
  return (
    <Screen
      title="Queue"
      aside={<LiveBadge state={live} />}
      actions={
        <>
          {canChange && (
            <Link
              className="button quiet queue-import"
              to="/$environment/compose/import"
              params={{ environment }}
              search={search.project === undefined ? {} : { project: search.project }}
            >
              <Table2 aria-hidden /> Import
            </Link>
          )}
          <SearchField
            label="Search captions and handles"
            value={search.q ?? ""}
            onSearch={(text) => narrow({ q: text || undefined }, search.q !== undefined && text !== "")}
          />
        </>
      }
    >
      <TabLinks label="Views">
        {VIEWS.map(({ id, label }, place) => (
          <TabLink
            key={id}
            from="/$environment/queue"
            to="/$environment/queue"
            params={{ environment }}
            search={(before) => ({ ...before, ...NOTHING_SELECTED, ...OF_ONE_VIEW, view: id })}
            aria-current={id === view.id ? "page" : undefined}
          >
            {label} <Total count={totals[place]} />
          </TabLink>
        ))}
      </TabLinks>
      <div className="queue-bar">
        <DayJump since={search.since} isBackwards={view.order === "desc"} onChange={(since) => narrow({ since })} />
        <Filters environment={environment} search={search} onChange={narrow} />
        <Arrangement isByAccount={isByAccount} onChange={(next) => narrow({ by: next ? "account" : undefined })} />
      </div>
      {(list.isPending || (isLate && rows.length === 0)) && <SkeletonRows rows={12} />}
      {list.error && <ErrorNotice error={list.error} />}
      {!list.isPending && latest.length === 0 && !list.hasMore && (
        <div className="panel">
          <EmptyState
            icon={ListOrdered}
            title={isFiltered(search) ? "No post matches" : view.label}
            actions={
              isFiltered(search) && (
                <Button onPress={() => void navigate({ search: { view: view.id } })}>Clear the filters</Button>
              )
            }
          >
            {isFiltered(search) ? "Search for another part of a caption or handle, or set fewer filters." : view.empty}
          </EmptyState>
        </div>
      )}
      <div ref={content} {...held.holders}>
        {rows.length > 0 && (
          <>
            <ListHead
              rows={rows}
              hasMore={list.hasMore}
              total={total}
              changed={held.added + held.gone.size}
              added={held.added}
              selection={allowed}
              exportUrl={exportUrl(environment, matching, view.order)}
              onRelease={release}
              onKeys={() => act({ act: "keys" })}
            />
            {isByAccount ? (
              <Suspense fallback={<SkeletonRows />}>
                <Lanes context={context} posts={rows.flatMap(({ posts }) => posts)} hasMore={list.hasMore} />
              </Suspense>
            ) : (
              <Days
                context={context}
                rows={rows}
                view={view}
                zone={zone}
                filter={matching}
                hasMore={list.hasMore}
                open={new Set(listOf(search.open))}
                onToggle={toggle}
              />
            )}
          </>
        )}
      </div>
      {list.hasMore && !isLate && (
        <ShowMore isPending={list.isFetchingMore} hasFailed={list.error !== null} onMore={list.fetchMore} />
      )}
      {allowed !== null && (allowed.isAll || allowed.ids.length > 0) && (
        <Suspense>
          <BulkBar
            selection={allowed}
            total={total}
            hasLive={view.id === "done"}
            onAct={(next) => act({ act: next })}
          />
        </Suspense>
      )}
      {isInUse && (
        <Suspense>
          <QueueDialogs
            environment={environment}
            search={search}
            filter={matching}
            rows={rows}
            selection={selection}
            zoneOf={zoneOf}
            canChange={canChange}
            isHere={() => router.state.location.pathname === `/${environment}/queue`}
            onSearch={change}
          />
        </Suspense>
      )}
    </Screen>
  );
}

/** How many posts a view has; nothing before that is known. */
function Total({ count }: { readonly count: PostCount | undefined }) {
  if (count === undefined || count.total === 0) return null;
  return (
    <span className="count">
      {numberOf(count.total)}
      {count.isCapped && "+"}
    </span>
  );
}

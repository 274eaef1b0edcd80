import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { ListOrdered, Table2 } from "lucide-react";
import type { PostCount, ScheduledPost } from "presswork-client";
import { useRef } from "react";
import type { PressEvent } from "react-aria-components";
import { flushSync } from "react-dom";
import { clientOf } from "../../api/client";
import { useLiveUpdates } from "../../api/useLiveUpdates";
import { usePages } from "../../api/usePages";
import { Screen } from "../../app/Screen";
import { ActionDialog } from "../../posts/actions/ActionDialog";
import { LiveBadge } from "../../posts/LiveBadge";
import { refreshMsOf } from "../../posts/queries";
import { numberOf } from "../../posts/queuedCount";
import { usePostsById } from "../../posts/usePostsById";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SearchField } from "../../ui/SearchField";
import { SkeletonRows } from "../../ui/Skeleton";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import { Arrangement } from "./Arrangement";
import { BulkBar } from "./BulkBar";
import { Filters } from "./Filters";
import { KeysDialog } from "./KeysDialog";
import { Lanes } from "./Lanes";
import { ListHead } from "./ListHead";
import { QueueRow } from "./QueueRow";
import "./queue.css";
import { focusRow } from "./rowElements";
import { filterOf, isFiltered, listOf, type QueueSearch, textOf } from "./search";
import { useHeldRows } from "./useHeldRows";
import { useQueueKeys } from "./useQueueKeys";
import { useSelection } from "./useSelection";
import { useTotals } from "./useTotals";
import { VIEWS, viewOf } from "./views";

const route = getRouteApi("/$environment/queue");
const ROWS = 50;
const LANE_ROWS = 100;
const CLOSED = { act: undefined, on: undefined } as const;
const NOTHING_SELECTED = { selected: undefined, ...CLOSED } as const;

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
  const totals = useTotals(environment, search);

  const filter = { ...filterOf(search), limit: isByAccount ? LANE_ROWS : ROWS };
  const list = usePages(
    [environment, "posts", "list", filter, view.isDue],
    () => clientOf(environment).publishing.searchPosts({ ...filter, ...(view.isDue && { until: new Date() }) }),
    refreshMsOf(view.statuses),
  );
  const held = useHeldRows(JSON.stringify([filter, view.isDue]), list.rows, search.act !== undefined);

  /** Another list: what was selected in the former one is no longer seen. */
  const narrow = (change: Partial<QueueSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...NOTHING_SELECTED, ...change }), replace });
  const act = (change: Pick<QueueSearch, "act" | "on">) =>
    void navigate({ search: (before) => ({ ...before, ...CLOSED, ...change }), resetScroll: false });
  const selection = useSelection(
    content,
    listOf(search.selected),
    (change) =>
      void navigate({
        search: (before) => ({ ...before, selected: textOf(change(listOf(before.selected))) }),
        replace: true,
        resetScroll: false,
      }),
  );
  useQueueKeys(content, canChange ? selection : null, act);

  /** After a run, the posts whose call failed stay selected. */
  const close = (failed?: readonly ScheduledPost[]) =>
    void navigate({
      search: (before) => ({
        ...before,
        ...CLOSED,
        ...(failed !== undefined && before.on === undefined && { selected: textOf(failed.map(({ id }) => id)) }),
      }),
      resetScroll: false,
    });

  /** After a run whose dialog was closed before, only the posts whose call failed stay selected. */
  const deselect = (done: readonly ScheduledPost[]) => {
    if (router.state.location.pathname !== `/${environment}/queue`) return;
    selection.remove(done.map(({ id }) => id));
  };

  /** The button that was pressed is gone then. After a key, the focus moves to the first row. */
  const release = ({ pointerType }: PressEvent) => {
    flushSync(held.release);
    if (pointerType === "keyboard" || pointerType === "virtual") focusRow(content.current, 1);
  };

  const action = search.act === "keys" ? undefined : search.act;
  const targetIds = action === undefined ? [] : search.on === undefined ? selection.ids : [search.on];
  const targets = usePostsById(environment, targetIds, list.rows, held.rows);
  const rowProps = { environment, selection: canChange ? selection : null, onAct: act, gone: held.gone };
  return (
    <Screen
      title="Queue"
      aside={<LiveBadge state={live} />}
      actions={
        <>
          {canChange && (
            <Link
              className="button quiet icon"
              to="/$environment/compose/import"
              params={{ environment }}
              search={search.project === undefined ? {} : { project: search.project }}
              aria-label="Import a table of posts"
            >
              <Table2 aria-hidden />
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
            search={(before) => ({ ...before, ...NOTHING_SELECTED, status: undefined, view: id })}
            aria-current={id === view.id ? "page" : undefined}
          >
            {label} <Total count={totals[place]} />
          </TabLink>
        ))}
      </TabLinks>
      <div className="queue-bar">
        <Filters environment={environment} search={search} onChange={narrow} />
        <Arrangement isByAccount={isByAccount} onChange={(next) => narrow({ by: next ? "account" : undefined })} />
      </div>
      {list.isPending && <SkeletonRows rows={10} height="64px" />}
      {list.error && <ErrorNotice error={list.error} />}
      {!list.isPending && held.rows.length === 0 && !list.hasMore && (
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
        {held.rows.length > 0 && (
          <>
            <ListHead
              rows={held.rows}
              hasMore={list.hasMore}
              changed={held.added + held.gone.size}
              added={held.added}
              selection={canChange ? selection : null}
              onRelease={release}
              onKeys={() => act({ act: "keys" })}
            />
            {isByAccount ? (
              <Lanes posts={held.rows} hasMore={list.hasMore} {...rowProps} />
            ) : (
              <ul className="panel queue" aria-label={`Posts: ${view.label}`}>
                {held.rows.map((post) => (
                  <QueueRow key={post.id} post={post} {...rowProps} isGone={held.gone.has(post.id)} />
                ))}
              </ul>
            )}
          </>
        )}
      </div>
      {list.hasMore && (
        <div className="more">
          <Button isPending={list.isFetchingMore} onPress={list.fetchMore}>
            Show more
          </Button>
        </div>
      )}
      {canChange && selection.size > 0 && <BulkBar selection={selection} onAct={(next) => act({ act: next })} />}
      {search.act === "keys" && <KeysDialog canChange={canChange} onClose={() => act({})} />}
      {action !== undefined && canChange && targets.posts.length > 0 && !targets.isPending && (
        <ActionDialog
          key={`${action} ${search.on ?? ""}`}
          environment={environment}
          action={action}
          posts={targets.posts}
          onClose={close}
          onLeft={deselect}
        />
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

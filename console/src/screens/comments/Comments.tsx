import { getRouteApi, useRouter } from "@tanstack/react-router";
import { Keyboard } from "lucide-react";
import type { Comment, StreamEvent } from "presswork-client";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useLiveUpdates } from "../../api/useLiveUpdates";
import type { Rows } from "../../api/usePages";
import { Screen } from "../../app/Screen";
import { platformName } from "../../platforms/platforms";
import { LiveBadge } from "../../posts/LiveBadge";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { SkeletonRows } from "../../ui/Skeleton";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import { toastError } from "../../ui/toasts";
import { useMediaQuery } from "../../ui/useMediaQuery";
import { useNow } from "../../ui/useNow";
import { useShortcuts } from "../../ui/useShortcuts";
import { CommentList } from "./CommentList";
import { CommentPane } from "./CommentPane";
import { EmptyComments } from "./EmptyComments";
import { Filters } from "./Filters";
import { type CommentsSearch, FILTERS, searchOf, VIEWS, type View } from "./search";
import { filterOf, type Summary, useInbox, useSummary } from "./useInbox";
import { usePeople } from "./usePeople";
import "./comments.css";

const KeyList = lazy(() => import("./KeyList"));
const route = getRouteApi("/$environment/comments");
const WIDE = "(min-width: 1024px)";
/** So many rows before the end, the next ones are read. */
const READ_AHEAD = 5;
const CLOSED = { comment: undefined, dialog: undefined } as const;

/** The comments of all projects. */
export default function Comments() {
  const { environment } = route.useParams();
  const { session } = route.useRouteContext();
  const inbox = searchOf(route.useSearch());
  const navigate = route.useNavigate();
  const router = useRouter();
  const isWide = useMediaQuery(WIDE);
  const live = useLiveUpdates(environment, sayWhatFailed);
  const { view, comment: openId } = inbox;
  const filter = filterOf(inbox, session.user.id, useNow());
  const list = useInbox(environment, filter, view.status);
  const summary = useSummary(environment, filter);
  const { rows } = list;
  const { people, nameOf } = usePeople(environment, session.user.id, inbox.project);
  const change = (search: CommentsSearch, replace = true) =>
    void navigate({ search: (before) => ({ ...before, ...search }), replace, resetScroll: false });
  const [finishedId, setFinished] = useState<string>();
  // What is finished stays in the list until it was read again, and does not open by itself.
  const firstId = isWide ? rows.find(({ id }) => id !== finishedId)?.id : undefined;
  const shownId = openId ?? firstId;
  useEffect(() => {
    const isLeft = router.state.location.pathname !== `/${environment}/comments`;
    if (openId !== undefined || firstId === undefined || isLeft) return;
    // Once it is in the address, what comes in above it does not take its place.
    void navigate({
      search: (before) => (before.comment === undefined ? { ...before, comment: firstId } : before),
      replace: true,
      resetScroll: false,
    });
  }, [router, environment, navigate, openId, firstId]);
  const found = rows.findIndex(({ id }) => id === shownId);
  const lastIndex = useRef(0);
  useEffect(() => {
    if (found >= 0) lastIndex.current = found;
  }, [found]);
  // What was answered may have left the list: its place is where the next one is now.
  const next = found < 0 ? Math.min(lastIndex.current, rows.length - 1) : found + 1;
  const previous = found < 0 ? next - 1 : found - 1;
  const goTo = (to: number) => {
    const id = rows[to]?.id;
    return id === undefined ? undefined : () => change({ comment: id, dialog: undefined }, openId !== undefined);
  };
  useEffect(() => {
    const isNearEnd = found >= 0 && found >= rows.length - READ_AHEAD;
    if (isNearEnd && list.hasMore && !list.isFetchingMore && list.error === null) list.fetchMore();
  });
  const canWrite = session.scopes.includes("comments:write");
  useShortcuts({
    j: () => goTo(next)?.(),
    k: () => goTo(Math.max(previous, 0))?.(),
    "?": () => change({ dialog: "keys" }),
  });
  const isEmpty = !list.isPending && list.error === null && rows.length === 0 && !list.hasMore;
  const nextId = (rows[next] ?? rows[previous])?.id;
  return (
    <Screen
      title="Comments"
      aside={<LiveBadge state={live} />}
      actions={
        <span className="comment-keys-button">
          <Button kind="quiet" isIcon aria-label="Keys" onPress={() => change({ dialog: "keys" })}>
            <Keyboard aria-hidden />
          </Button>
        </span>
      }
    >
      <div className={openId === undefined ? "comment-tabs" : "comment-tabs has-open"}>
        <TabLinks label="Views">
          {VIEWS.map((one) => (
            <TabLink
              key={one.id}
              from="/$environment/comments"
              to="/$environment/comments"
              params={{ environment }}
              search={(before) => ({ ...before, ...CLOSED, view: one.id })}
              aria-current={one.id === view.id ? "page" : undefined}
            >
              {one.label} <Count view={one} summary={summary} />
            </TabLink>
          ))}
        </TabLinks>
        <Filters
          environment={environment}
          session={session}
          inbox={inbox}
          people={people}
          onChange={(next) => change({ ...CLOSED, ...next }, false)}
        />
      </div>
      {!canWrite && (
        <Notice>Your role can read comments, but not answer them. Publishers and administrators can.</Notice>
      )}
      {list.error !== null && <ErrorNotice error={list.error} />}
      <div className={openId === undefined ? "comments" : "comments has-open"}>
        {list.isPending && (isWide || openId === undefined) && <SkeletonRows rows={8} height="72px" />}
        {isEmpty && openId === undefined && (
          <EmptyComments
            inbox={inbox}
            onClear={() => change(Object.fromEntries(FILTERS.map((name) => [name, undefined])), false)}
          />
        )}
        {rows.length > 0 && (isWide || shownId === undefined) && (
          <CommentList
            environment={environment}
            label={`Comments: ${view.label}`}
            list={list}
            openId={shownId}
            nameOf={nameOf}
          />
        )}
        {shownId !== undefined && (
          <CommentPane
            key={shownId}
            environment={environment}
            session={session}
            commentId={shownId}
            row={rows[found]}
            place={{
              position: found < 0 ? null : `${found + 1} of ${totalOf(list, view, summary)}`,
              onPrevious: goTo(previous),
              onNext: goTo(next),
              onBack: () => change(CLOSED),
            }}
            dialog={inbox.dialog}
            onDialog={(dialog) => change({ comment: shownId, dialog })}
            onFinished={() => {
              setFinished(shownId);
              change({ comment: nextId, dialog: undefined });
            }}
          />
        )}
      </div>
      <Suspense>
        {inbox.dialog === "keys" && <KeyList canWrite={canWrite} onClose={() => change({ dialog: undefined })} />}
      </Suspense>
    </Screen>
  );
}

/** A reply whose comment has left the inbox is not lost from sight. */
function sayWhatFailed(events: readonly StreamEvent[]): void {
  for (const event of events) {
    if (event.type !== "comment.reply_failed") continue;
    const { text, platform, replyStatus } = event.data;
    const what = replyStatus === "outcome_unknown" ? "may not have been posted" : "was not posted";
    toastError(`“${(text ?? "").slice(0, 40)}” ${what} on ${platformName(platform)}. Look at it under All.`);
  }
}

/** "72", or "50+" while there are more than what was read and counted. */
function totalOf({ rows, hasMore }: Rows<Comment>, { status }: View, summary: Summary | undefined): string {
  const counted = status === null ? undefined : summary?.[status];
  if (counted !== undefined && counted >= rows.length) return counted.toLocaleString("en");
  return `${rows.length}${hasMore ? "+" : ""}`;
}

/** How many comments a view has; nothing before that is known. */
function Count({ view, summary }: { readonly view: View; readonly summary: Summary | undefined }) {
  if (summary === undefined || view.status === null) return null;
  const count = summary[view.status];
  return count === 0 ? null : <span className="count">{count.toLocaleString("en")}</span>;
}

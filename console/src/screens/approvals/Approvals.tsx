import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { Keyboard, Link as LinkIcon } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { Screen } from "../../app/Screen";
import { ProjectFilter } from "../../content/ProjectFilter";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { SkeletonRows } from "../../ui/Skeleton";
import { useMediaQuery } from "../../ui/useMediaQuery";
import { useShortcuts } from "../../ui/useShortcuts";
import "./approvals.css";
import { EmptyInbox } from "./EmptyInbox";
import { InboxList } from "./InboxList";
import { ReviewPane } from "./ReviewPane";
import { type ApprovalsSearch, approvalsSearch } from "./search";
import { useInbox, useReadAhead } from "./useInbox";
import { useSelected } from "./useSeen";

const KeyList = lazy(() => import("./KeyList"));
const ApproveSelected = lazy(() => import("./ApproveSelected"));
const ShareForReview = lazy(() => import("../../content/ShareForReview"));

const route = getRouteApi("/$environment/approvals");
const WIDE = "(min-width: 1024px)";

/** The inbox of all that waits for a decision. */
export default function Approvals() {
  const { environment } = route.useParams();
  const { session } = route.useRouteContext();
  const { project, content: openId, selected: selectedIds = [], note, mine } = approvalsSearch(route.useSearch());
  const navigate = route.useNavigate();
  const router = useRouter();
  const isWide = useMediaQuery(WIDE);
  const [dialog, setDialog] = useState<"keys" | "approve" | "share" | null>(null);
  const inbox = useInbox(environment, session, project, mine === true);
  const { items } = inbox;
  const change = (search: Partial<ApprovalsSearch>, replace = true) =>
    void navigate({ search: (before) => ({ ...before, ...search }), replace, resetScroll: false });
  const firstId = isWide && !inbox.isFetching ? items[0]?.content.id : undefined;
  const shownId = openId ?? firstId;
  useEffect(() => {
    const isLeft = router.state.location.pathname !== `/${environment}/approvals`;
    if (openId !== undefined || firstId === undefined || isLeft) return;
    // Once it is in the address, what comes in above it does not take its place.
    void navigate({
      search: (before) => (before.content === undefined ? { ...before, content: firstId, note: undefined } : before),
      replace: true,
      resetScroll: false,
    });
  }, [router, environment, navigate, openId, firstId]);
  const index = items.findIndex(({ content }) => content.id === shownId);
  const shown = items[index];
  const goTo = (to: number) => {
    const id = items[to]?.content.id;
    return id === undefined ? undefined : () => change({ content: id, note: undefined }, openId !== undefined);
  };
  const selected = useSelected(items, selectedIds);
  const select = (ids: readonly string[]) => change({ selected: ids.length === 0 ? undefined : [...ids] });
  const mayDecide = session.scopes.includes("content:approve");
  const back = () => change({ content: undefined, note: undefined });
  const toggleShown = () => {
    if (!mayDecide || shownId === undefined) return;
    select(selectedIds.includes(shownId) ? selectedIds.filter((id) => id !== shownId) : [...selectedIds, shownId]);
  };
  useShortcuts({
    j: () => goTo(index + 1)?.(),
    k: () => goTo(Math.max(index - 1, 0))?.(),
    x: toggleShown,
    "?": () => setDialog("keys"),
  });
  const nextId = (items[index + 1] ?? items[index - 1])?.content.id;
  useReadAhead(environment, nextId);
  const isEmpty = !inbox.isPending && inbox.error === null && items.length === 0;
  return (
    <Screen
      title="Approvals"
      aside={items.length > 0 && <span className="soft">{`${items.length}${inbox.hasMore ? "+" : ""}`}</span>}
      actions={
        <>
          <ProjectFilter
            environment={environment}
            value={project}
            onChange={(id) => change({ project: id, content: undefined, selected: undefined })}
          />
          {mayDecide && (mine === true || inbox.others > 0) && (
            <Button
              aria-pressed={mine === true}
              onPress={() =>
                change({ mine: mine === true ? undefined : true, content: undefined, selected: undefined })
              }
            >
              Only what waits for me
            </Button>
          )}
          {mayDecide && (
            <Link
              className="button plain"
              to="/$environment/approvals/links"
              params={{ environment }}
              search={project === undefined ? {} : { project }}
            >
              <LinkIcon aria-hidden /> Review links
            </Link>
          )}
          <span className="only-wide">
            <Button kind="quiet" isIcon aria-label="Keys" onPress={() => setDialog("keys")}>
              <Keyboard aria-hidden />
            </Button>
          </span>
        </>
      }
    >
      {!mayDecide && (
        <Notice>Your role can read this inbox, but not decide. Approvers and administrators approve and reject.</Notice>
      )}
      {inbox.error !== null && <ErrorNotice error={inbox.error} />}
      <div className={openId === undefined ? "approvals" : "approvals has-open"}>
        {inbox.isPending && (isWide || openId === undefined) && <SkeletonRows rows={8} height="72px" />}
        {isEmpty && openId === undefined && (
          <EmptyInbox environment={environment} projectId={project} others={inbox.others} />
        )}
        {!inbox.isPending && items.length > 0 && (isWide || shownId === undefined) && (
          <InboxList
            environment={environment}
            inbox={inbox}
            openId={shownId}
            selected={selected}
            onSelect={mayDecide ? select : undefined}
            onApprove={() => setDialog("approve")}
            onShare={() => setDialog("share")}
          />
        )}
        {shownId !== undefined && (
          <ReviewPane
            key={shownId}
            environment={environment}
            session={session}
            containerId={shownId}
            row={shown?.content}
            dueAt={shown?.dueAt ?? null}
            place={{
              position: shown === undefined ? null : `${index + 1} of ${items.length}`,
              onPrevious: index > 0 ? goTo(index - 1) : undefined,
              onNext: goTo(index + 1),
              onBack: back,
            }}
            note={note}
            onNote={(kind) => change({ content: shownId, note: kind })}
            onDecided={() => change({ content: nextId, note: undefined })}
          />
        )}
      </div>
      <Suspense>
        {dialog === "keys" && <KeyList isOpen onClose={() => setDialog(null)} />}
        {dialog === "share" && selected.length > 0 && (
          <ShareForReview
            environment={environment}
            contents={selected.map(({ content }) => content)}
            onClose={() => setDialog(null)}
          />
        )}
        {dialog === "approve" && selected.length > 0 && (
          <ApproveSelected
            environment={environment}
            selected={selected}
            onClose={() => setDialog(null)}
            onDone={() => {
              setDialog(null);
              change({ selected: undefined, content: undefined });
            }}
          />
        )}
      </Suspense>
    </Screen>
  );
}

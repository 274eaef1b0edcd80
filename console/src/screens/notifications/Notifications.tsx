import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { BellOff, CheckCheck, Settings } from "lucide-react";
import type { Environment, Notification } from "presswork-client";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { projectsQuery } from "../../api/projects";
import { usePages } from "../../api/usePages";
import { Screen } from "../../app/Screen";
import { REFRESH_MS, unreadQuery } from "../../notices/queries";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import { toastError } from "../../ui/toasts";
import { NoticeRow } from "./NoticeRow";
import "./notifications.css";

const route = getRouteApi("/$environment/notifications");
const EXACT = { exact: true } as const;

/** What happened that the person is to know of, the latest first. */
export default function Notifications() {
  const { environment } = route.useParams();
  const { unread: onlyUnread = false } = route.useSearch();
  const unread = useQuery(unreadQuery(environment)).data ?? 0;
  const projects = useQuery(projectsQuery(environment));
  const list = usePages(
    [environment, "notices", "list", onlyUnread],
    () => clientOf(environment).notifications.list(onlyUnread ? { unread: true } : {}),
    REFRESH_MS,
  );
  const [latest] = list.rows;
  return (
    <Screen
      title="Notifications"
      aside={unread > 0 && <span className="soft">{unread} not read</span>}
      actions={
        <>
          {unread > 0 && latest !== undefined && <MarkRead environment={environment} upTo={latest.at} />}
          <Link
            className="button quiet icon"
            to="/$environment/you"
            params={{ environment }}
            hash="notices"
            aria-label="Choose what you are notified of"
          >
            <Settings aria-hidden />
          </Link>
        </>
      }
    >
      <TabLinks label="Notifications">
        <TabLink to="/$environment/notifications" params={{ environment }} search={{}} activeOptions={EXACT}>
          All
        </TabLink>
        <TabLink
          to="/$environment/notifications"
          params={{ environment }}
          search={{ unread: true }}
          activeOptions={EXACT}
        >
          Not read
        </TabLink>
      </TabLinks>
      {list.error !== null && <ErrorNotice error={list.error} />}
      <div className="panel notices">
        {list.isPending && <SkeletonRows rows={6} height="56px" />}
        {!list.isPending && list.error === null && list.rows.length === 0 && <NoNotices onlyUnread={onlyUnread} />}
        <ul aria-label="Notifications">
          {list.rows.map((notice: Notification) => (
            <NoticeRow
              key={notice.id}
              notice={notice}
              project={projects.data?.find(({ id }) => id === notice.projectId)}
            />
          ))}
        </ul>
        {list.hasMore && (
          <div className="more">
            <Button isPending={list.isFetchingMore} onPress={list.fetchMore}>
              Show more
            </Button>
          </div>
        )}
      </div>
    </Screen>
  );
}

interface MarkReadProps {
  readonly environment: Environment;
  /** When the latest of those happened that are shown: what comes in at the moment stays unread. */
  readonly upTo: string;
}

function MarkRead({ environment, upTo }: MarkReadProps) {
  const queries = useQueryClient();
  const mark = useMutation({
    mutationFn: () => clientOf(environment).notifications.markRead({ upTo }),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "notices"] }),
  });
  return (
    <Button isPending={mark.isPending} onPress={() => mark.mutate()}>
      <CheckCheck aria-hidden /> Mark all as read
    </Button>
  );
}

function NoNotices({ onlyUnread }: { readonly onlyUnread: boolean }) {
  return (
    <EmptyState icon={BellOff} title={onlyUnread ? "Everything is read" : "No notifications yet"}>
      What fails, what waits for you, and what was decided about your content appears here.
    </EmptyState>
  );
}

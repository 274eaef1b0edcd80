import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import {
  CalendarClock,
  ClipboardCheck,
  Link as LinkIcon,
  MoreHorizontal,
  Pencil,
  Repeat,
  Repeat2,
  Send,
  Trash2,
} from "lucide-react";
import type { Content, Environment } from "presswork-client";
import type { SignedIn } from "../../api/session";
import { postsOfContentQuery } from "../../content/queries";
import { refusalOf } from "../../posts/actions/actions";
import { queuesQuery } from "../../queues/queries";
import { Button } from "../../ui/Button";
import { Menu, MenuItem } from "../../ui/Menu";
import { projectAccountsQuery } from "../compose/accounts";

interface ContentActionsProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  readonly content: Content;
  readonly onEdit: () => void;
  readonly onLink: () => void;
  readonly onTakeDown: () => void;
  readonly onShare: () => void;
  readonly onRepeat: () => void;
  readonly onDelete: () => void;
}

/** What can be done with content: edit its texts, review it, publish it again; behind a menu, let others review or post it, take it down, or delete it. */
export function ContentActions(props: ContentActionsProps) {
  const { environment, session, content, onEdit, onLink, onTakeDown, onShare, onRepeat, onDelete } = props;
  const may = (scope: string) => session.scopes.includes(scope);
  const isReady = content.status === "completed";
  const isUsable = isReady && content.approvalStatus !== "rejected";
  const isPostable = may("publish:write") && isUsable && content.mediaRemovedAt === null;
  const mayLink = isPostable && content.media.length > 0;
  const accounts = useQuery({ ...projectAccountsQuery(environment, content.projectId), enabled: mayLink });
  const canLink = mayLink && (accounts.data ?? []).some(({ platform }) => platform === "tiktok");
  const posts = useQuery({ ...postsOfContentQuery(environment, content.id), enabled: may("publish:write") });
  const canTakeDown = (posts.data ?? []).some((post) => refusalOf("takeDown", post) === null);
  const canRepeat = isPostable && (posts.data ?? []).length > 0;
  const navigate = useNavigate();
  const queues = useQuery({ ...queuesQuery(environment, content.projectId), enabled: isPostable });
  const queue = queues.data?.find(({ slots }) => slots.length > 0);
  const addTo = (queueId: string) =>
    void navigate({
      to: "/$environment/compose",
      params: { environment },
      search: { content: content.id, queue: queueId },
    });
  const canShare = may("content:approve") && isUsable;
  const canDelete = may("content:write") && content.status !== "deleted";
  return (
    <>
      {isReady && content.approvalStatus === "pending" && (
        <Link
          className="button plain"
          to="/$environment/approvals"
          params={{ environment }}
          search={{ content: content.id }}
        >
          <ClipboardCheck aria-hidden /> Review
        </Link>
      )}
      {isPostable && (
        <Link
          className="button plain"
          to="/$environment/compose"
          params={{ environment }}
          search={{ content: content.id }}
        >
          <Repeat2 aria-hidden /> Use again
        </Link>
      )}
      {may("content:write") && isUsable && (
        <Button kind="primary" onPress={onEdit}>
          <Pencil aria-hidden /> Edit
        </Button>
      )}
      {(queue !== undefined || canRepeat || canShare || canLink || canTakeDown || canDelete) && (
        <Menu
          label="More actions"
          trigger={
            <Button kind="quiet" isIcon aria-label="More actions">
              <MoreHorizontal aria-hidden />
            </Button>
          }
        >
          {queue !== undefined && (
            <MenuItem onAction={() => addTo(queue.id)}>
              <CalendarClock aria-hidden /> Add to the queue
            </MenuItem>
          )}
          {canRepeat && (
            <MenuItem onAction={onRepeat}>
              <Repeat aria-hidden /> Repeat…
            </MenuItem>
          )}
          {canShare && (
            <MenuItem onAction={onShare}>
              <Send aria-hidden /> Share for review
            </MenuItem>
          )}
          {canLink && (
            <MenuItem onAction={onLink}>
              <LinkIcon aria-hidden /> TikTok posting link
            </MenuItem>
          )}
          {canTakeDown && (
            <MenuItem isDangerous onAction={onTakeDown}>
              <Trash2 aria-hidden /> Take it down everywhere
            </MenuItem>
          )}
          {canDelete && (
            <MenuItem isDangerous onAction={onDelete}>
              <Trash2 aria-hidden /> Delete
            </MenuItem>
          )}
        </Menu>
      )}
    </>
  );
}

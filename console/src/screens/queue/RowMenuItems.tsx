import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CalendarClock, CalendarPlus, ExternalLink, FileText, Pencil } from "lucide-react";
import type { FoundPost } from "presswork-client";
import { ACTIONS, commandOf, refusalOf } from "../../posts/actions/actions";
import { ACTION_IDS, TO_QUEUE } from "../../posts/actions/ids";
import { livePageOf } from "../../posts/livePage";
import { queuesQuery } from "../../queues/queries";
import { MenuItem } from "../../ui/Menu";
import type { RowContext } from "./PostRow";
import { textOf } from "./search";

interface RowMenuItemsProps {
  readonly context: RowContext;
  readonly posts: readonly FoundPost[];
  readonly isOneOfSeveral: boolean;
}

/** The entries of the menu of a row, which are loaded when it opens. */
export default function RowMenuItems({ context, posts, isOneOfSeveral }: RowMenuItemsProps) {
  const { environment, selection, onAct } = context;
  const navigate = useNavigate();
  const [post] = posts;
  const queues = useQuery({
    ...queuesQuery(environment, post?.projectId ?? ""),
    enabled: post !== undefined && selection !== null,
  });
  const queue = queues.data?.find(({ slots }) => slots.length > 0);
  if (post === undefined) return null;
  const { containerId } = post;
  const isGroup = posts.length > 1;
  const page = isGroup ? null : livePageOf(post);
  const open = () =>
    isGroup
      ? navigate({ to: "/$environment/content/$containerId", params: { environment, containerId } })
      : navigate({ to: "/$environment/posts/$postId", params: { environment, postId: post.id } });
  const movable = posts.filter((one) => refusalOf("move", one) === null);
  const possible =
    selection === null ? [] : ACTION_IDS.filter((id) => posts.some((one) => refusalOf(id, one) === null));
  const labelOf = (id: (typeof ACTION_IDS)[number]) => {
    if (!isGroup) return isOneOfSeveral ? commandOf(id, "only this one") : ACTIONS[id].label;
    const count = posts.filter((one) => refusalOf(id, one) === null).length;
    return commandOf(id, count === posts.length ? `all ${count}` : `${count} of ${posts.length}`);
  };
  return (
    <>
      <MenuItem onAction={() => void open()}>
        <FileText aria-hidden /> {isGroup ? "Open the content" : "Open"}
      </MenuItem>
      {queue !== undefined && movable.length > 0 && (
        <MenuItem onAction={() => onAct({ act: TO_QUEUE, on: textOf(movable.map(({ id }) => id)) })}>
          <CalendarPlus aria-hidden /> {isGroup ? `Move all ${movable.length} to a queue` : "Move to a queue"}
        </MenuItem>
      )}
      {queue !== undefined && !isOneOfSeveral && (
        <MenuItem
          onAction={() =>
            void navigate({
              to: "/$environment/compose",
              params: { environment },
              search: { content: containerId, queue: queue.id },
            })
          }
        >
          <CalendarClock aria-hidden /> Again in the queue
        </MenuItem>
      )}
      {page !== null && (
        <MenuItem href={page.url} target="_blank" rel="noreferrer">
          <ExternalLink aria-hidden /> {page.label}
        </MenuItem>
      )}
      {selection !== null && !isGroup && post.status === "queued" && (
        <MenuItem
          onAction={() =>
            void navigate({
              to: "/$environment/posts/$postId",
              params: { environment, postId: post.id },
              search: { edit: "post" },
            })
          }
        >
          <Pencil aria-hidden /> Edit
        </MenuItem>
      )}
      {possible.map((id) => {
        const { icon: Icon, isDangerous } = ACTIONS[id];
        return (
          <MenuItem
            key={id}
            isDangerous={isDangerous}
            onAction={() => onAct({ act: id, on: textOf(posts.map((one) => one.id)) })}
          >
            <Icon aria-hidden /> {labelOf(id)}
          </MenuItem>
        );
      })}
    </>
  );
}

import { Link } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { lookOf, StatusBadge } from "../../posts/StatusBadge";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { useCalendar } from "./context";
import { dayOf, timeOf } from "./dates";
import { dragFrom, pickUp, useMoving } from "./moving";
import type { CalendarPost } from "./posts";
import { captionOf, handleOf } from "./texts";
import "./post-item.css";
import { RowPicture } from "../../posts/RowPicture";

interface PostItemProps {
  readonly post: CalendarPost;
  /** A line in a cell, or a row of a list. */
  readonly kind: "line" | "row";
  /** Whether the Tab key comes here. */
  readonly isReachable?: boolean;
}

/** One post of a day. A queued one can be dragged, picked up with M, and moved from its menu. */
export function PostItem({ post, kind, isReachable = true }: PostItemProps) {
  const { environment, zone, view, moves, mayMove, hasGrid, openMenu } = useCalendar();
  const isMoving = useMoving((moving) => moving?.post.id === post.id);
  const canMove = mayMove && post.status === "queued";
  const canDrag = canMove && hasGrid;
  const time = timeOf(post.scheduledFor, zone);
  const caption = captionOf(post) || "Without a caption";
  const state = lookOf(post).label;
  const tabIndex = isReachable ? 0 : -1;
  return (
    <li
      className={`post-item ${kind} ${post.status}${canMove ? " can-move" : ""}${isMoving ? " moving" : ""}`}
      onPointerDown={canDrag ? (event) => dragFrom(event, post, moves.drop) : undefined}
      onKeyDown={(event) => {
        if (!canDrag || event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        pickUp(post, dayOf(post.scheduledFor, zone), zone, view === "week");
      }}
    >
      <Link
        to="/$environment/posts/$postId"
        params={{ environment, postId: post.id }}
        preload={false}
        draggable={false}
        tabIndex={tabIndex}
        title={kind === "line" ? `${time} ${caption} (${state})` : undefined}
      >
        <span className="post-item-time">{time}</span>
        {kind === "row" && <RowPicture className="post-item-thumbnail" url={post.thumbnailUrl} />}
        <PlatformIcon platform={post.platform} />
        <span className="post-item-text">
          <span className="cut">{caption}</span>
          {kind === "row" && <span className="soft small cut">{handleOf(post)}</span>}
        </span>
        {kind === "row" ? <StatusBadge post={post} /> : <span className="visually-hidden">, {state}</span>}
      </Link>
      {canMove && (
        <button
          type="button"
          className="post-item-menu"
          aria-haspopup="menu"
          aria-label={`Actions for “${caption}” at ${time}`}
          tabIndex={tabIndex}
          onPointerDown={(event) => event.stopPropagation()}
          onClick={(event) => openMenu({ post, button: event.currentTarget })}
        >
          <Ellipsis aria-hidden />
        </button>
      )}
    </li>
  );
}

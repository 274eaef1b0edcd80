import { Link } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { AccountMarks } from "../../posts/AccountMarks";
import { captionLine } from "../../posts/captionLine";
import { jointState, type Row, stateOf } from "../../posts/groups";
import { RowPicture } from "../../posts/RowPicture";
import { useCalendar } from "./context";
import { dayOf, timeOf } from "./dates";
import { dragFrom, pickUp, useMoving } from "./moving";
import { movable } from "./rows";
import "./row-item.css";

/** How many accounts a line shows that has room for two. */
const TALL_MARKS = 4;

interface RowItemProps {
  readonly row: Row;
  /** A line in a cell, or a row of a list. */
  readonly kind: "line" | "row";
  /** A line that has room for two. */
  readonly isTall?: boolean;
  /** Whether the Tab key comes here. */
  readonly isReachable?: boolean;
}

/** One piece of content at one time, with all its accounts. What is queued of it can be dragged, picked up with M, and moved from its menu. */
export function RowItem({ row, kind, isTall = false, isReachable = true }: RowItemProps) {
  const { environment, zone, view, marks, moves, mayMove, hasGrid, openMenu } = useCalendar();
  const isMoving = useMoving((moving) => moving?.row.id === row.id);
  const [post, ...others] = row.posts;
  if (post === undefined) return null;
  const isAlone = others.length === 0;
  const canMove = mayMove && movable(row).length > 0;
  const canDrag = canMove && hasGrid;
  const time = timeOf(row.scheduledFor, zone);
  const caption = captionLine(isAlone ? post.caption : row.caption);
  const state = isAlone ? stateOf(post) : jointState(row.posts);
  const tabIndex = isReachable ? 0 : -1;
  return (
    <li
      className={`row-item ${kind} ${state.tone}${isTall ? " tall" : ""}${canMove ? " can-move" : ""}${isMoving ? " moving" : ""}`}
      onPointerDown={canDrag ? (event) => dragFrom(event, row, moves.drop) : undefined}
      onKeyDown={(event) => {
        if (!canDrag || event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        pickUp(row, dayOf(row.scheduledFor, zone), zone, view === "week");
      }}
    >
      <Link
        {...(isAlone
          ? { to: "/$environment/posts/$postId", params: { environment, postId: post.id } }
          : { to: "/$environment/content/$containerId", params: { environment, containerId: row.containerId } })}
        preload={false}
        draggable={false}
        tabIndex={tabIndex}
        title={kind === "line" ? `${time} ${caption} (${state.text})` : undefined}
      >
        <span className="row-item-time">{time}</span>
        <RowPicture className="row-item-thumbnail" url={row.thumbnailUrl} />
        {kind === "line" && <AccountMarks posts={row.posts} limit={isTall ? TALL_MARKS : marks} />}
        <span className="row-item-text">
          <span className="cut">{caption}</span>
          {kind === "row" && (
            <span className="row-item-accounts">
              <AccountMarks posts={row.posts} />
              <span className={state.tone === "info" ? "visually-hidden" : `small cut row-item-state ${state.tone}`}>
                {state.text}
              </span>
            </span>
          )}
        </span>
        {kind === "line" && <span className="visually-hidden">, {state.text}</span>}
      </Link>
      {canMove && (
        <button
          type="button"
          className="row-item-menu"
          aria-haspopup="menu"
          aria-label={`Actions for “${caption}” at ${time}`}
          tabIndex={tabIndex}
          onPointerDown={(event) => event.stopPropagation()}
          onClick={(event) => openMenu({ row, button: event.currentTarget })}
        >
          <Ellipsis aria-hidden />
        </button>
      )}
    </li>
  );
}

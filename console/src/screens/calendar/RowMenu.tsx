import { useNavigate } from "@tanstack/react-router";
import { CalendarClock, Keyboard, SquareArrowOutUpRight } from "lucide-react";
import { Menu, Popover } from "react-aria-components";
import { MenuItem } from "../../ui/Menu";
import "../../ui/menu.css";
import { type OpenMenu, useCalendar } from "./context";
import { dayOf } from "./dates";
import { pickUp } from "./moving";
import { movable } from "./rows";

interface RowMenuProps {
  readonly menu: OpenMenu;
  readonly onClose: () => void;
  readonly onMoveTo: (postIds: readonly string[]) => void;
}

/** The actions of a row; one menu for all rows, since a month has many. */
export default function RowMenu({ menu: { row, button }, onClose, onMoveTo }: RowMenuProps) {
  const { environment, zone, view, hasGrid } = useCalendar();
  const navigate = useNavigate();
  const [post] = row.posts;
  const isSeveral = row.posts.length > 1;
  const posts = movable(row);
  const all = posts.length === row.posts.length ? `all ${posts.length}` : `${posts.length} of ${row.posts.length}`;
  const move = isSeveral ? `Move ${all}` : "Move";
  const open = () => {
    if (isSeveral || post === undefined) {
      const params = { environment, containerId: row.containerId };
      void navigate({ to: "/$environment/content/$containerId", params });
    } else void navigate({ to: "/$environment/posts/$postId", params: { environment, postId: post.id } });
  };
  return (
    <Popover
      className="popover"
      placement="bottom end"
      triggerRef={{ current: button }}
      isOpen
      onOpenChange={(isOpen) => isOpen || onClose()}
    >
      <Menu className="menu" aria-label="Actions" autoFocus="first" onClose={onClose}>
        <MenuItem onAction={open}>
          <SquareArrowOutUpRight aria-hidden /> {isSeveral ? "Open the content" : "Open"}
        </MenuItem>
        <MenuItem onAction={() => onMoveTo(posts.map(({ id }) => id))}>
          <CalendarClock aria-hidden /> {move} to…
        </MenuItem>
        {hasGrid && (
          <MenuItem onAction={() => pickUp(row, dayOf(row.scheduledFor, zone), zone, view === "week")}>
            <Keyboard aria-hidden /> {move} with the arrow keys
          </MenuItem>
        )}
      </Menu>
    </Popover>
  );
}

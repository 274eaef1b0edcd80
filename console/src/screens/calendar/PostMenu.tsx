import { useNavigate } from "@tanstack/react-router";
import { CalendarClock, Keyboard, SquareArrowOutUpRight } from "lucide-react";
import { Menu, Popover } from "react-aria-components";
import { MenuItem } from "../../ui/Menu";
import { type OpenMenu, useCalendar } from "./context";
import { dayOf } from "./dates";
import { pickUp } from "./moving";

interface PostMenuProps {
  readonly menu: OpenMenu;
  readonly onClose: () => void;
  readonly onMoveTo: (postId: string) => void;
}

/** The actions of a post; one menu for all posts, since a month has many. */
export function PostMenu({ menu: { post, button }, onClose, onMoveTo }: PostMenuProps) {
  const { environment, zone, view, hasGrid } = useCalendar();
  const navigate = useNavigate();
  const open = () => void navigate({ to: "/$environment/posts/$postId", params: { environment, postId: post.id } });
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
          <SquareArrowOutUpRight aria-hidden /> Open
        </MenuItem>
        <MenuItem onAction={() => onMoveTo(post.id)}>
          <CalendarClock aria-hidden /> Move to…
        </MenuItem>
        {hasGrid && (
          <MenuItem onAction={() => pickUp(post, dayOf(post.scheduledFor, zone), zone, view === "week")}>
            <Keyboard aria-hidden /> Move with the arrow keys
          </MenuItem>
        )}
      </Menu>
    </Popover>
  );
}

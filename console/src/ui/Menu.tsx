import { MoreHorizontal } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import {
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  type MenuItemProps,
  MenuTrigger,
  Popover,
} from "react-aria-components";
import "./button.css";
import "./menu.css";

interface MenuProps {
  /** The button that opens the menu. */
  readonly trigger: ReactNode;
  readonly label: string;
  readonly children: ReactNode;
}

/** A menu of actions behind a button. */
export function Menu({ trigger, label, children }: MenuProps) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className="popover" placement="bottom end">
        <AriaMenu className="menu" aria-label={label}>
          {children}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

interface LazyMenuProps {
  readonly label: string;
  readonly children: ReactNode;
}

/** A menu of actions in each row of a long list: it is made when its button is pressed. */
export function LazyMenu({ label, children }: LazyMenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        ref={button}
        type="button"
        className="button quiet icon row-menu"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(true)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        <MoreHorizontal aria-hidden />
      </button>
      {isOpen && (
        <Popover className="popover" placement="bottom end" triggerRef={button} isOpen onOpenChange={setOpen}>
          <AriaMenu className="menu" aria-label={label} autoFocus="first" onClose={() => setOpen(false)}>
            {children}
          </AriaMenu>
        </Popover>
      )}
    </>
  );
}

/** One action or link of a menu. */
export function MenuItem({
  isDangerous = false,
  ...props
}: Omit<MenuItemProps, "className"> & { isDangerous?: boolean }) {
  return <AriaMenuItem {...props} className={isDangerous ? "menu-item danger" : "menu-item"} />;
}

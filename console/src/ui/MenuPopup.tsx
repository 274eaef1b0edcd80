import type { ReactNode } from "react";
import { Menu as AriaMenu, MenuItem as AriaMenuItem, type MenuItemProps, Popover } from "react-aria-components";
import "./menu.css";
import type { OverlayPlace } from "./Overlay";

interface MenuPopupProps {
  readonly label: string;
  readonly place: OverlayPlace;
  readonly children: ReactNode;
}

/** The actions of a menu, the first of which has the focus. */
export function MenuPopup({ label, place, children }: MenuPopupProps) {
  return (
    <Popover className="popover" placement="bottom end" {...place}>
      <AriaMenu className="menu" aria-label={label} autoFocus="first" onClose={() => place.onOpenChange(false)}>
        {children}
      </AriaMenu>
    </Popover>
  );
}

/** One action or link of a menu. */
export function MenuItem({
  isDangerous = false,
  ...props
}: Omit<MenuItemProps, "className"> & { isDangerous?: boolean }) {
  return <AriaMenuItem {...props} className={isDangerous ? "menu-item danger" : "menu-item"} />;
}

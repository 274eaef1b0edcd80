import { MoreHorizontal } from "lucide-react";
import { lazy, type ReactNode } from "react";
import { Button } from "./Button";
import { Overlay } from "./Overlay";

const load = () => import("./MenuPopup");
const MenuPopup = lazy(async () => ({ default: (await load()).MenuPopup }));
/** One action or link of a menu. */
export const MenuItem = lazy(async () => ({ default: (await load()).MenuItem }));

interface MenuProps {
  /** The button that opens the menu. */
  readonly trigger: ReactNode;
  readonly label: string;
  readonly children: ReactNode;
}

/** A menu of actions behind a button. */
export function Menu({ trigger, label, children }: MenuProps) {
  return (
    <Overlay trigger={trigger} kind="menu" load={load}>
      {(place) => (
        <MenuPopup label={label} place={place}>
          {children}
        </MenuPopup>
      )}
    </Overlay>
  );
}

interface RowMenuProps {
  readonly label: string;
  readonly children: ReactNode;
}

/** A menu of actions in each row of a list. */
export function RowMenu({ label, children }: RowMenuProps) {
  return (
    <Menu
      label={label}
      trigger={
        <Button kind="quiet" isIcon aria-label={label}>
          <MoreHorizontal aria-hidden />
        </Button>
      }
    >
      {children}
    </Menu>
  );
}

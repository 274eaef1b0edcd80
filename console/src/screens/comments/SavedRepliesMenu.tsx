import { useQuery } from "@tanstack/react-query";
import { Settings2 } from "lucide-react";
import { Menu, MenuItem, Popover, Text } from "react-aria-components";
import { messageOf } from "../../api/errors";
import { savedRepliesQuery } from "../../comments/queries";
import type { OverlayPlace } from "../../ui/Overlay";
import "../../ui/menu.css";
import type { SavedRepliesProps } from "./SavedReplies";

const MANAGE = "manage";

interface SavedRepliesMenuProps extends SavedRepliesProps {
  readonly place: OverlayPlace;
}

/** The saved replies of the project; the last entry edits them. */
export default function SavedRepliesMenu({ environment, projectId, onInsert, onManage, place }: SavedRepliesMenuProps) {
  const saved = useQuery(savedRepliesQuery(environment, projectId));
  const choose = (id: string) => {
    if (id === MANAGE) return onManage();
    const text = saved.data?.find((one) => one.id === id)?.text;
    if (text !== undefined) onInsert(text);
  };
  const state = saved.isPending ? "Loading" : saved.error !== null ? messageOf(saved.error) : null;
  return (
    <Popover className="popover" placement="top start" {...place}>
      {state !== null && <p className="soft small saved-state">{state}</p>}
      {/* It focuses its first entry once it has them all. */}
      <Menu
        key={String(saved.isPending)}
        className="menu"
        aria-label="Saved replies"
        autoFocus="first"
        onAction={(key) => choose(String(key))}
        onClose={() => place.onOpenChange(false)}
      >
        {(saved.data ?? []).map(({ id, name, text }) => (
          <MenuItem key={id} id={id} className="menu-item" textValue={name}>
            <span>
              <Text slot="label">{name}</Text>
              <Text slot="description" className="soft small saved-text">
                {text}
              </Text>
            </span>
          </MenuItem>
        ))}
        <MenuItem id={MANAGE} className="menu-item">
          <Settings2 aria-hidden /> Edit saved replies…
        </MenuItem>
      </Menu>
    </Popover>
  );
}

import type { LucideIcon } from "lucide-react";
import { Button } from "./Button";
import { MenuItem, RowMenu } from "./Menu";
import { useMediaQuery } from "./useMediaQuery";

interface RareAction {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly onAction: () => void;
  readonly isDangerous?: boolean;
}

/** Actions of a screen that are seldom wanted: buttons, and on a phone a menu, so that the title has room. */
export function RareActions({ actions }: { readonly actions: readonly RareAction[] }) {
  const isWide = useMediaQuery("(min-width: 768px)");
  if (actions.length === 0) return null;
  if (isWide) {
    return actions.map(({ label, icon: Icon, onAction, isDangerous = false }) => (
      <Button key={label} kind={isDangerous ? "danger" : "plain"} onPress={onAction}>
        <Icon aria-hidden /> {label}
      </Button>
    ));
  }
  return (
    <RowMenu label="More">
      {actions.map(({ label, icon: Icon, onAction, isDangerous = false }) => (
        <MenuItem key={label} isDangerous={isDangerous} onAction={onAction}>
          <Icon aria-hidden /> {label}
        </MenuItem>
      ))}
    </RowMenu>
  );
}

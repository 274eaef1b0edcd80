import { Columns3, List } from "lucide-react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";

interface ArrangementProps {
  readonly isByAccount: boolean;
  readonly onChange: (isByAccount: boolean) => void;
}

/** One list, or a lane for each account. */
export function Arrangement({ isByAccount, onChange }: ArrangementProps) {
  return (
    <ToggleButtonGroup
      className="arrangement"
      aria-label="Arrangement"
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[isByAccount ? "account" : "list"]}
      onSelectionChange={(keys) => onChange(keys.has("account"))}
    >
      <ToggleButton id="list" className="arrangement-choice">
        <List aria-hidden /> List
      </ToggleButton>
      <ToggleButton id="account" className="arrangement-choice">
        <Columns3 aria-hidden /> Accounts
      </ToggleButton>
    </ToggleButtonGroup>
  );
}

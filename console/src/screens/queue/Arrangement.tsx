import { Columns3, List } from "lucide-react";

interface ArrangementProps {
  readonly isByAccount: boolean;
  readonly onChange: (isByAccount: boolean) => void;
}

/** One list, or a lane for each account. */
export function Arrangement({ isByAccount, onChange }: ArrangementProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: two buttons are no fieldset
    <div role="group" className="arrangement" aria-label="Arrangement">
      <button type="button" className="arrangement-choice" aria-pressed={!isByAccount} onClick={() => onChange(false)}>
        <List aria-hidden /> List
      </button>
      <button type="button" className="arrangement-choice" aria-pressed={isByAccount} onClick={() => onChange(true)}>
        <Columns3 aria-hidden /> Accounts
      </button>
    </div>
  );
}

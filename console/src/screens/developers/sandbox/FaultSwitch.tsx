import { Switch } from "react-aria-components";

interface FaultSwitchProps {
  readonly label: string;
  /** What it does, below the label. */
  readonly effect: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (isOn: boolean) => void;
}

/** A switch whose state is a place and a colour. */
export function FaultSwitch({ label, effect, isOn, isDisabled = false, onChange }: FaultSwitchProps) {
  return (
    <Switch className="fault-switch" isSelected={isOn} isDisabled={isDisabled} onChange={onChange} aria-label={label}>
      <span className="switch-track" aria-hidden>
        <span className="switch-thumb" />
      </span>
      <span className="two-lines">
        <strong>{label}</strong>
        <span className="soft small">{effect}</span>
      </span>
    </Switch>
  );
}

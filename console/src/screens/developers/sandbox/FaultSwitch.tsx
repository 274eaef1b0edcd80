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
    <label className="fault-switch">
      <input
        type="checkbox"
        role="switch"
        aria-checked={isOn}
        aria-label={label}
        checked={isOn}
        disabled={isDisabled}
        onChange={({ target }) => onChange(target.checked)}
      />
      <span className="switch-track" aria-hidden>
        <span className="switch-thumb" />
      </span>
      <span className="two-lines">
        <strong>{label}</strong>
        <span className="soft small">{effect}</span>
      </span>
    </label>
  );
}

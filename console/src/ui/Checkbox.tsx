import { Check, Minus } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import "./field.css";

interface CheckboxProps {
  readonly isSelected: boolean;
  readonly isIndeterminate?: boolean;
  readonly isDisabled?: boolean | undefined;
  readonly onChange: (isSelected: boolean) => void;
  readonly "aria-label"?: string;
  readonly children?: ReactNode;
}

/** A box to check: the browser's own, with its label as children or an `aria-label`. */
export function Checkbox({
  isSelected,
  isIndeterminate = false,
  isDisabled,
  onChange,
  children,
  ...props
}: CheckboxProps) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = isIndeterminate;
  }, [isIndeterminate]);
  return (
    <label className="check">
      <input
        ref={box}
        type="checkbox"
        aria-label={props["aria-label"]}
        checked={isSelected}
        disabled={isDisabled}
        onChange={({ target }) => onChange(target.checked)}
      />
      <span className="box" aria-hidden>
        {isIndeterminate ? <Minus /> : isSelected ? <Check /> : null}
      </span>
      {children}
    </label>
  );
}

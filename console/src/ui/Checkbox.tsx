import { Check, Minus } from "lucide-react";
import { Checkbox as AriaCheckbox, type CheckboxProps } from "react-aria-components";
import "./field.css";

/** A box to check, with its label as children or an `aria-label`. */
export function Checkbox({ children, ...props }: Omit<CheckboxProps, "className">) {
  return (
    <AriaCheckbox {...props} className="check">
      {(state) => (
        <>
          <span className="box" aria-hidden>
            {state.isIndeterminate ? <Minus /> : state.isSelected ? <Check /> : null}
          </span>
          {typeof children === "function" ? children(state) : children}
        </>
      )}
    </AriaCheckbox>
  );
}

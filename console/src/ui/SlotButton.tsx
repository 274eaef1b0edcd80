import { Button, type ButtonProps } from "react-aria-components";
import "./button.css";
import { type ButtonKind, buttonClass } from "./Button";

interface SlotButtonProps extends Omit<ButtonProps, "className"> {
  readonly kind?: ButtonKind;
  readonly isIcon?: boolean;
}

/** A button of the library within one of its widgets, which says what it does. */
export function SlotButton({ kind = "quiet", isIcon = true, ...props }: SlotButtonProps) {
  return <Button {...props} className={buttonClass(kind, isIcon)} />;
}

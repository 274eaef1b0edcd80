import type { Ref } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components";
import "./button.css";

export type ButtonKind = "primary" | "plain" | "quiet" | "danger";

interface ButtonProps extends Omit<AriaButtonProps, "className"> {
  readonly ref?: Ref<HTMLButtonElement>;
  readonly kind?: ButtonKind;
  /** Only an icon: give an `aria-label`. */
  readonly isIcon?: boolean;
}

/** A button. While `isPending`, it keeps its width and focus and does nothing. */
export function Button({ kind = "plain", isIcon = false, ...props }: ButtonProps) {
  return <AriaButton {...props} className={`button ${kind}${isIcon ? " icon" : ""}`} />;
}

import { type ComponentPropsWithRef, createContext, type MouseEvent, use } from "react";
import "./button.css";

export type ButtonKind = "primary" | "plain" | "quiet" | "danger";

/** What a button gets that opens something: see `Overlay`. */
export const TriggerContext = createContext<ComponentPropsWithRef<"button"> | null>(null);

interface ButtonProps extends Omit<ComponentPropsWithRef<"button">, "className" | "disabled" | "onClick"> {
  readonly kind?: ButtonKind;
  /** Only an icon: give an `aria-label`. */
  readonly isIcon?: boolean;
  readonly isDisabled?: boolean | undefined;
  readonly isPending?: boolean;
  readonly onPress?: ((event: MouseEvent<HTMLButtonElement>) => void) | undefined;
}

/** Returns the classes of a button. */
export function buttonClass(kind: ButtonKind, isIcon = false): string {
  return `button ${kind}${isIcon ? " icon" : ""}`;
}

/** A button: the browser's own. While `isPending`, it keeps its width and focus and does nothing. */
export function Button(props: ButtonProps) {
  const { kind = "plain", isIcon, isDisabled, isPending = false, onPress, ...native } = props;
  const trigger = use(TriggerContext);
  return (
    <button
      type="button"
      {...trigger}
      {...native}
      className={buttonClass(kind, isIcon)}
      disabled={isDisabled}
      {...(isPending && { "aria-disabled": true, "data-pending": true })}
      onClick={(event) => {
        if (isPending) return event.preventDefault();
        onPress?.(event);
        trigger?.onClick?.(event);
      }}
    />
  );
}

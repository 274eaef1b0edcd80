import type { ReactElement, ReactNode } from "react";
import { Tooltip as AriaTooltip, Focusable, TooltipTrigger } from "react-aria-components";
import "./tooltip.css";

interface TooltipProps {
  readonly text: ReactNode;
  /** An element that can be focused or is made so. */
  readonly children: ReactElement;
}

/** More about an element, on hover and on focus. Nothing that a person must know is only here. */
export function Tooltip({ text, children }: TooltipProps) {
  return (
    <TooltipTrigger delay={400}>
      <Focusable>{children as ReactElement<Record<string, unknown>, string>}</Focusable>
      <AriaTooltip className="tooltip" offset={6}>
        {text}
      </AriaTooltip>
    </TooltipTrigger>
  );
}

import { createLink, type LinkComponent } from "@tanstack/react-router";
import { type AnchorHTMLAttributes, forwardRef } from "react";
import type { ButtonKind } from "./Button";
import "./button.css";

interface AnchorProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly kind?: ButtonKind;
}

const Anchor = forwardRef<HTMLAnchorElement, AnchorProps>(({ kind = "plain", className, ...props }, ref) => (
  <a {...props} ref={ref} className={`button ${kind} ${className ?? ""}`} />
));

const RouterAnchor = createLink(Anchor);

/** A link to a screen that looks like a button. */
export const LinkButton: LinkComponent<typeof Anchor> = (props) => <RouterAnchor preload="intent" {...props} />;

import { createLink } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { type AnchorHTMLAttributes, forwardRef } from "react";
import "./back-link.css";

/** The way from one thing back to the list of all. */
export const BackLink = createLink(
  forwardRef<HTMLAnchorElement, AnchorHTMLAttributes<HTMLAnchorElement>>(({ children, ...props }, ref) => (
    <a {...props} ref={ref} className="back-link">
      <ArrowLeft aria-hidden /> {children}
    </a>
  )),
);

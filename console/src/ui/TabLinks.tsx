import { createLink, useLocation } from "@tanstack/react-router";
import { type AnchorHTMLAttributes, forwardRef, type ReactNode, useEffect, useRef } from "react";
import "./tab-links.css";

/** The parts of a screen, each with an address. On a narrow screen the row scrolls to the part that is open. */
export function TabLinks({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  const row = useRef<HTMLElement>(null);
  const path = useLocation({ select: (location) => location.pathname });
  useEffect(() => {
    if (path)
      row.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [path]);
  return (
    <nav className="tab-links" aria-label={label} ref={row}>
      {children}
    </nav>
  );
}

/** One part of a screen. */
export const TabLink = createLink(
  forwardRef<HTMLAnchorElement, AnchorHTMLAttributes<HTMLAnchorElement>>((props, ref) => <a {...props} ref={ref} />),
);

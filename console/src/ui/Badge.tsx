import type { ReactNode } from "react";
import "./badge.css";

export type Tone = "neutral" | "info" | "good" | "warn" | "bad" | "accent";

interface BadgeProps {
  readonly tone?: Tone;
  readonly icon?: ReactNode;
  readonly children: ReactNode;
}

/** A short word about a state. The word says it; the colour only helps. */
export function Badge({ tone = "neutral", icon, children }: BadgeProps) {
  return (
    <span className={`badge ${tone}`}>
      {icon}
      {children}
    </span>
  );
}

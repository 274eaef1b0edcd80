import { Tag } from "lucide-react";
import type { ReactNode } from "react";
import "./labels.css";

interface LabelsProps {
  readonly labels: readonly string[];
  /** What stands after each label. */
  readonly children?: (label: string) => ReactNode;
}

/** Labels as chips; nothing without any. */
export function Labels({ labels, children }: LabelsProps) {
  if (labels.length === 0) return null;
  return (
    <ul className="labels" aria-label="Labels">
      {labels.map((label) => (
        <li key={label} className="label">
          <Tag aria-hidden /> <span className="cut">{label}</span>
          {children?.(label)}
        </li>
      ))}
    </ul>
  );
}

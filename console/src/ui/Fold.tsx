import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import "./fold.css";

interface FoldProps {
  readonly title: ReactNode;
  /** What stands beside the title, for example what is set in it. */
  readonly aside?: ReactNode;
  /** Whether it is open at first. */
  readonly isOpen?: boolean;
  readonly children: ReactNode;
}

/** What is folded until a person needs it. */
export function Fold({ title, aside, isOpen = false, children }: FoldProps) {
  return (
    <details className="fold" open={isOpen}>
      <summary>
        <ChevronRight aria-hidden /> <span>{title}</span>
        {aside !== undefined && <span className="soft fold-aside">{aside}</span>}
      </summary>
      <div className="fold-body">{children}</div>
    </details>
  );
}

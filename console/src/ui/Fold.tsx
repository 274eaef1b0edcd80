import { ChevronRight } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import "./fold.css";

interface FoldProps {
  readonly title: ReactNode;
  /** What stands beside the title, for example what is set in it. */
  readonly aside?: ReactNode;
  /** Whether it opens by itself; closing it is left to the person. */
  readonly isOpen?: boolean;
  /** Called when it is opened, for what is loaded only then. */
  readonly onOpen?: () => void;
  readonly children: ReactNode;
}

/** What is folded until a person needs it. */
export function Fold({ title, aside, isOpen = false, onOpen, children }: FoldProps) {
  const fold = useRef<HTMLDetailsElement>(null);
  const [isOpenAtFirst] = useState(isOpen);
  useEffect(() => {
    if (isOpen && fold.current !== null) fold.current.open = true;
  }, [isOpen]);
  return (
    <details
      ref={fold}
      className="fold"
      open={isOpenAtFirst}
      onToggle={({ currentTarget }) => currentTarget.open && onOpen?.()}
    >
      <summary>
        <ChevronRight aria-hidden /> <span>{title}</span>
        {aside !== undefined && <span className="soft fold-aside">{aside}</span>}
      </summary>
      <div className="fold-body">{children}</div>
    </details>
  );
}

import { type ReactNode, useEffect } from "react";

interface ScreenProps {
  readonly title: string;
  /** What the screen shows one of, which names its tab: the caption of a post. */
  readonly subject?: string | undefined;
  /** More beside the title, for example a count. */
  readonly aside?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of every screen: its title, also that of the browser's tab, and its actions. */
export function Screen({ title, subject, aside, actions, children }: ScreenProps) {
  useEffect(() => {
    document.title = subject ? `${beginningOf(subject)} · ${title} · Presswork` : `${title} · Presswork`;
  }, [title, subject]);
  return (
    <main className="screen" id="screen" tabIndex={-1}>
      <header className="screen-head">
        <h1>
          {title} {aside}
        </h1>
        {actions !== undefined && <div className="screen-actions">{actions}</div>}
      </header>
      {children}
    </main>
  );
}

const MOST_CHARACTERS = 40;

function beginningOf(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS).trimEnd()}…` : line;
}

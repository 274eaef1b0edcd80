import { type ReactNode, useEffect } from "react";

interface ScreenProps {
  readonly title: string;
  /** More beside the title, for example a count. */
  readonly aside?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of every screen: its title, also that of the browser's tab, and its actions. */
export function Screen({ title, aside, actions, children }: ScreenProps) {
  useEffect(() => {
    document.title = `${title} · Presswork`;
  }, [title]);
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

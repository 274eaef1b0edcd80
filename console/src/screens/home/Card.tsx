import { Link } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";
import { type ReactNode, useId } from "react";
import { RowPicture } from "../../posts/RowPicture";

interface CardProps {
  readonly icon: LucideIcon;
  readonly tone: "info" | "warn" | "bad";
  readonly title: string;
  /** What this is about, in a sentence. */
  readonly children?: ReactNode;
  readonly rows: ReactNode;
  readonly actions?: ReactNode;
  /** Where all of it is. */
  readonly to: string;
  readonly search?: Readonly<Record<string, unknown>>;
  readonly linkText: string;
}

/** One thing that needs a person: what, the first few, and the way to all of them. */
export function Card({ icon: Icon, tone, title, children, rows, actions, to, search, linkText }: CardProps) {
  const id = useId();
  return (
    <section className={`panel card ${tone}`} aria-labelledby={id}>
      <header>
        <Icon className="card-icon" aria-hidden />
        <h2 id={id}>{title}</h2>
        {actions}
        <Link className="button plain" to={to} search={search ?? {}}>
          {linkText}
        </Link>
      </header>
      {children !== undefined && <p className="soft small">{children}</p>}
      <ul>{rows}</ul>
    </section>
  );
}

interface RowProps {
  readonly thumbnailUrl?: string | null | undefined;
  readonly hasThumbnail?: boolean;
  readonly to: string;
  readonly search?: Readonly<Record<string, unknown>>;
  readonly title: ReactNode;
  readonly children: ReactNode;
}

/** One line of a card, with a link. */
export function Row({ thumbnailUrl, hasThumbnail = false, to, search, title, children }: RowProps) {
  return (
    <li className="home-row">
      {hasThumbnail && <RowPicture className="home-thumbnail" url={thumbnailUrl} />}
      <div className="home-what">
        <Link className="cut" to={to} search={search ?? {}}>
          {title}
        </Link>
        <span className="soft small">{children}</span>
      </div>
    </li>
  );
}

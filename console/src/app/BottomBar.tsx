import { Link } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import type { SignedIn } from "../api/session";
import { NewPost } from "./NewPost";
import { placesOf } from "./navigation";

const SHOWN = ["/$environment", "/$environment/queue", "/$environment/approvals"];

interface BottomBarProps {
  readonly environment: Environment;
  readonly session: SignedIn;
}

/** What a thumb reaches on a phone: the screens of a day, and a new post. The menu has the others. */
export function BottomBar({ environment, session }: BottomBarProps) {
  const links = placesOf(session)
    .filter(({ to }) => SHOWN.includes(to))
    .map(({ to, label, icon: Icon }) => (
      <Link
        key={to}
        className="bottom-place"
        to={to}
        params={{ environment }}
        preload="intent"
        activeOptions={{ exact: to === "/$environment" }}
      >
        <Icon aria-hidden /> {label}
      </Link>
    ));
  return (
    <nav className="bottom-bar" aria-label="Shortcuts">
      {links.slice(0, 2)}
      <NewPost environment={environment} session={session} isIcon />
      {links.slice(2)}
    </nav>
  );
}

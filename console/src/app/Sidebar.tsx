import { Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import type { Environment } from "presswork-client";
import type { SignedIn } from "../api/session";
import { Button } from "../ui/Button";
import { Bell } from "./Bell";
import { EnvironmentSwitch } from "./EnvironmentSwitch";
import { NewPost } from "./NewPost";
import { placesOf } from "./navigation";
import { PersonMenu } from "./PersonMenu";

interface SidebarProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  /** Opens the palette; null: not from here. */
  readonly onFind: (() => void) | null;
}

function nameOfKey(): string {
  return /mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘K" : "Ctrl K";
}

/** The navigation: the environment, what this person may see, and the person. */
export function Sidebar({ environment, session, onFind }: SidebarProps) {
  return (
    <nav className="sidebar" aria-label="Screens">
      <div className="sidebar-head">
        <Brand environment={environment} />
        <Bell environment={environment} />
      </div>
      <EnvironmentSwitch environment={environment} />
      <NewPost environment={environment} session={session} />
      {onFind !== null && (
        <Button kind="quiet" aria-keyshortcuts="Control+K Meta+K" onPress={onFind}>
          <Search aria-hidden /> Search <kbd aria-hidden>{nameOfKey()}</kbd>
        </Button>
      )}
      <ul className="places">
        {placesOf(session).map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link to={to} params={{ environment }} preload="intent" activeOptions={{ exact: to === "/$environment" }}>
              <Icon aria-hidden /> {label}
            </Link>
          </li>
        ))}
      </ul>
      <div className="sidebar-end">
        <PersonMenu environment={environment} session={session} />
      </div>
    </nav>
  );
}

/** The sign and name of Presswork, which lead home. */
export function Brand({ environment }: { readonly environment: Environment }) {
  return (
    <Link className="brand" to="/$environment" params={{ environment }} activeProps={{ "aria-current": undefined }}>
      <img src="/favicon.ico" alt="" /> Presswork
    </Link>
  );
}

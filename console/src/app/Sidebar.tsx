import { Link } from "@tanstack/react-router";
import type { Environment } from "presswork-client";
import type { SignedIn } from "../api/session";
import { EnvironmentSwitch } from "./EnvironmentSwitch";
import { NewPost } from "./NewPost";
import { PLACES } from "./navigation";
import { PersonMenu } from "./PersonMenu";

interface SidebarProps {
  readonly environment: Environment;
  readonly session: SignedIn;
}

/** The navigation: the environment, what this person may see, and the person. */
export function Sidebar({ environment, session }: SidebarProps) {
  const places = PLACES.filter(
    ({ scope, isOfInstallation }) =>
      session.scopes.includes(scope) && (session.isInstallationAdmin || isOfInstallation === undefined),
  );
  return (
    <nav className="sidebar" aria-label="Screens">
      <Brand environment={environment} />
      <EnvironmentSwitch environment={environment} />
      <NewPost environment={environment} session={session} />
      <ul className="places">
        {places.map(({ to, label, icon: Icon }) => (
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

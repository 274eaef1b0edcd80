import { getRouteApi, Outlet } from "@tanstack/react-router";
import { Screen } from "../../app/Screen";
import "../../ui/part-head.css";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import "./accounts.css";

const route = getRouteApi("/$environment/accounts-tabs");
const EXACT = { exact: true, includeSearch: false } as const;

/** Where posts go: the accounts, their projects and layers, links at which others connect them, and the apps that connect them. */
export default function Accounts() {
  const { environment } = route.useParams();
  const { session } = route.useRouteContext();
  return (
    <Screen title="Accounts">
      <TabLinks label="Accounts">
        <TabLink to="/$environment/accounts" params={{ environment }} activeOptions={EXACT}>
          Accounts
        </TabLink>
        <TabLink to="/$environment/accounts/projects" params={{ environment }} activeOptions={EXACT}>
          Projects
        </TabLink>
        <TabLink to="/$environment/accounts/layers" params={{ environment }} activeOptions={EXACT}>
          Layers
        </TabLink>
        {session.scopes.includes("social:write") && (
          <TabLink to="/$environment/accounts/links" params={{ environment }} activeOptions={EXACT}>
            Connect links
          </TabLink>
        )}
        {session.scopes.includes("org:admin") && (
          <TabLink to="/$environment/accounts/apps" params={{ environment }} activeOptions={EXACT}>
            Platform apps
          </TabLink>
        )}
      </TabLinks>
      <Outlet />
    </Screen>
  );
}

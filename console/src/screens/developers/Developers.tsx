import { getRouteApi, Outlet } from "@tanstack/react-router";
import { BookOpen } from "lucide-react";
import { Screen } from "../../app/Screen";
import "../../ui/part-head.css";
import { TabLink, TabLinks } from "../../ui/TabLinks";

const route = getRouteApi("/$environment/developers");

/** What developers need: keys, webhooks, the sandbox, the audit log, and the way to the reference. */
export default function Developers() {
  const { environment } = route.useParams();
  const { session } = route.useRouteContext();
  const may = (scope: string) => session.scopes.some((one) => one === scope);
  return (
    <Screen
      title="Developers"
      actions={
        <a className="button plain" href="/docs" target="_blank" rel="noreferrer">
          <BookOpen aria-hidden /> API reference
        </a>
      }
    >
      <TabLinks label="Developers">
        {may("org:admin") && (
          <TabLink to="/$environment/developers/keys" params={{ environment }}>
            API keys
          </TabLink>
        )}
        <TabLink to="/$environment/developers/webhooks" params={{ environment }}>
          Webhooks
        </TabLink>
        {session.isInstallationAdmin && (
          <TabLink to="/$environment/developers/sandbox" params={{ environment }}>
            Sandbox
          </TabLink>
        )}
        {may("org:admin") && (
          <TabLink to="/$environment/developers/audit" params={{ environment }}>
            Audit log
          </TabLink>
        )}
      </TabLinks>
      <Outlet />
    </Screen>
  );
}

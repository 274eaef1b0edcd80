import { getRouteApi } from "@tanstack/react-router";
import { Link as LinkIcon, Plus } from "lucide-react";
import type { ConnectLink } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { usePages } from "../../api/usePages";
import { LinkStatusBadge, LinkVisits } from "../../content/PageLinkState";
import { RevokeLink } from "../../content/RevokeLink";
import { platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { SecretDialog } from "../../ui/SecretDialog";
import { Time } from "../../ui/Time";
import { MakeConnectLink } from "./MakeConnectLink";
import { ProjectFilter } from "./ProjectFilter";

const route = getRouteApi("/$environment/accounts-tabs/accounts/links");

/** The links at which people without access to Presswork connect their accounts to a project. */
export default function ConnectLinks() {
  const { environment } = route.useParams();
  const { project: chosen } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  if (!session.scopes.includes("social:write")) {
    return (
      <div className="panel">
        <EmptyState icon={LinkIcon} title="Links are not shown">
          Your role does not connect accounts. Ask an administrator for a role that does.
        </EmptyState>
      </div>
    );
  }
  return (
    <ProjectFilter
      environment={environment}
      chosen={chosen}
      onChange={(project) => void navigate({ search: { project } })}
      what="A link"
      icon={LinkIcon}
    >
      {(projectId) => <LinksOf key={projectId} projectId={projectId} />}
    </ProjectFilter>
  );
}

function LinksOf({ projectId }: { readonly projectId: string }) {
  const { environment } = route.useParams();
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const [address, setAddress] = useState<string | null>(null);
  const list = usePages([environment, "accounts", "links", projectId], () =>
    clientOf(environment).connectLinks.list({ projectId }),
  );
  const show = (what: "new" | undefined) => void navigate({ search: { project: projectId, open: what } });
  const create = (
    <Button kind="primary" onPress={() => show("new")}>
      <Plus aria-hidden /> New link
    </Button>
  );
  return (
    <>
      <div className="part-head">
        <p className="soft">
          Send a link to the owner of an account: at its page they connect it, without access to this console.
        </p>
        {create}
      </div>
      <div className="panel">
        <DataTable
          label="Connect links"
          list={list}
          idOf={(link) => link.id}
          columns={[
            { name: "Made", cell: (link) => <Time at={link.createdAt} isRelative /> },
            { name: "Status", cell: (link) => <LinkStatusBadge status={link.status} /> },
            { name: "Platforms", cell: (link) => platformsOf(link) },
            { name: "Uses", isAtEnd: true, cell: (link) => `${link.uses} of ${link.maxUses}` },
            { name: "Visits", isAtEnd: true, cell: (link) => <LinkVisits link={link} /> },
            { name: "Expires", isAtEnd: true, cell: (link) => <Time at={link.expiresAt} isRelative /> },
            {
              name: "Actions",
              isAtEnd: true,
              cell: ({ id, projectId, status }) =>
                status !== "revoked" &&
                status !== "expired" && (
                  <RevokeLink
                    revoke={() => clientOf(environment).connectLinks.revoke({ projectId, connectLinkId: id })}
                    queryKey={[environment, "accounts", "links"]}
                    effect="Its page is gone at once, and logins in progress fail. Accounts that it connected stay connected."
                  />
                ),
            },
          ]}
          empty={
            <EmptyState icon={LinkIcon} title="No links">
              A link lets a customer connect accounts to this project. Its address is shown once.
            </EmptyState>
          }
        />
      </div>
      {open === "new" && (
        <MakeConnectLink
          environment={environment}
          projectId={projectId}
          onClose={() => show(undefined)}
          onMade={setAddress}
        />
      )}
      <SecretDialog title="The new link" what="the link" secret={address} onClose={() => setAddress(null)} />
    </>
  );
}

function platformsOf(link: ConnectLink): string {
  return link.platforms === null ? "all" : link.platforms.map(platformName).join(", ");
}

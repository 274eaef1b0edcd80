import { getRouteApi } from "@tanstack/react-router";
import { KeyRound, Plus, Users } from "lucide-react";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { usePages } from "../../api/usePages";
import { Screen } from "../../app/Screen";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { SecretDialog } from "../../ui/SecretDialog";
import { Time } from "../../ui/Time";
import { CreateToken } from "./CreateToken";
import { PeopleTabs } from "./PeopleTabs";
import "./people.css";
import { ProviderSteps } from "./ProviderSteps";
import { RevokeToken } from "./RevokeToken";
import { roleLabel } from "./roles";

const route = getRouteApi("/$environment/people/provisioning");

/** What an identity provider needs to write people, and what it wrote. */
export default function Provisioning() {
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const show = (dialog: "new" | undefined) => void navigate({ search: dialog === undefined ? {} : { open: dialog } });
  const tokens = usePages(["scim-tokens"], () => clientOf("test").provisioning.listTokens());
  const groups = usePages(["scim-groups"], () => clientOf("test").provisioning.listGroups());
  const [secret, setSecret] = useState<string | null>(null);
  const baseUrl = tokens.rows[0]?.baseUrl ?? `${window.location.origin}/scim/v2`;
  return (
    <Screen
      title="People"
      actions={
        <Button kind="primary" onPress={() => show("new")}>
          <Plus aria-hidden /> New token
        </Button>
      }
    >
      <PeopleTabs />
      <p className="soft people-sign-in">
        Your identity provider can create people here, give them roles by groups, and take their access away at once.
      </p>
      <div className="provisioning-url">
        <span>Base URL</span>
        <code>{baseUrl}</code>
        <CopyButton text={baseUrl} what="the base URL" />
      </div>
      <div className="panel">
        <DataTable
          label="Tokens"
          list={tokens}
          idOf={(token) => token.id}
          columns={[
            { name: "Provider", cell: (token) => <strong>{token.name}</strong> },
            {
              name: "Last call",
              cell: (token) => (token.lastUsedAt ? <Time at={token.lastUsedAt} isRelative /> : "never"),
            },
            { name: "Ends", cell: (token) => (token.expiresAt ? <Time at={token.expiresAt} /> : "when it is revoked") },
            { name: "Invitations", cell: (token) => (token.sendsInvitations ? "by e-mail" : "none") },
            { name: "Actions", isAtEnd: true, cell: (token) => <RevokeToken token={token} /> },
          ]}
          empty={
            <EmptyState icon={KeyRound} title="No provider is connected">
              Make a token, and enter it at your identity provider with the base URL.
            </EmptyState>
          }
        />
      </div>
      <ProviderSteps />
      <h2 className="provisioning-head">Groups</h2>
      <div className="panel">
        <DataTable
          label="Groups"
          list={groups}
          idOf={(group) => group.id}
          columns={[
            { name: "Group", cell: (group) => group.displayName },
            {
              name: "Role",
              cell: (group) =>
                group.role === null ? (
                  <span className="soft">none</span>
                ) : (
                  <Badge tone="info">{roleLabel(group.role)}</Badge>
                ),
            },
            { name: "People", isAtEnd: true, cell: (group) => group.members },
          ]}
          empty={
            <EmptyState icon={Users} title="No groups yet">
              A group called viewer, author, approver, publisher or admin gives that role.
            </EmptyState>
          }
        />
      </div>
      {open === "new" && <CreateToken onClose={() => show(undefined)} onCreated={setSecret} />}
      <SecretDialog title="The new token" what="the token" secret={secret} onClose={() => setSecret(null)} />
    </Screen>
  );
}

import { getRouteApi } from "@tanstack/react-router";
import { UserPlus, Users } from "lucide-react";
import type { User, UserStatus } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { usePages } from "../../api/usePages";
import { environmentRoute } from "../../app/environmentRoute";
import { Screen } from "../../app/Screen";
import { Badge, type Tone } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Time } from "../../ui/Time";
import { InviteDialog } from "./InviteDialog";
import { LinkDialog } from "./LinkDialog";
import { OidcNotice } from "./OidcNotice";
import { PeopleTabs } from "./PeopleTabs";
import { PersonDialog } from "./PersonDialog";
import "./people.css";
import { roleLabel } from "./roles";
import { SecondFactorPolicy } from "./SecondFactorPolicy";

const route = getRouteApi("/$environment/people");
const TONES: Readonly<Record<UserStatus, Tone>> = { active: "good", invited: "info", disabled: "neutral" };

/** The people of the organization: who they are, what they may do, and how they get in. */
export default function People() {
  const { user: openId, open } = route.useSearch();
  const navigate = route.useNavigate();
  const { session } = environmentRoute.useRouteContext();
  const list = usePages(["people"], () => clientOf("test").users.list());
  const [link, setLink] = useState<{ readonly user: User; readonly link: string } | null>(null);
  const opened = list.rows.find((user) => user.id === openId);
  const close = () => void navigate({ search: {} });
  return (
    <Screen
      title="People"
      actions={
        <Button kind="primary" onPress={() => void navigate({ search: { open: "invite" } })}>
          <UserPlus aria-hidden /> Invite
        </Button>
      }
    >
      <PeopleTabs />
      <OidcNotice />
      <SecondFactorPolicy />
      <div className="panel">
        <DataTable
          label="People"
          list={list}
          idOf={(user) => user.id}
          columns={[
            {
              name: "Name",
              cell: (user) => (
                <Button kind="quiet" onPress={() => void navigate({ search: { user: user.id } })}>
                  {user.name ?? user.email}
                </Button>
              ),
            },
            { name: "E-mail", cell: (user) => user.email },
            { name: "Role", isShort: true, cell: (user) => roleLabel(user.role) },
            { name: "Projects", cell: (user) => (user.projectIds === null ? "All" : user.projectIds.length) },
            {
              name: "Second factor",
              cell: (user) =>
                user.hasSecondFactor ? <Badge tone="good">on</Badge> : <span className="soft">none</span>,
            },
            { name: "Status", cell: (user) => <Badge tone={TONES[user.status]}>{user.status}</Badge> },
            {
              name: "Last here",
              isAtEnd: true,
              cell: (user) => (user.lastSeenAt ? <Time at={user.lastSeenAt} isRelative /> : "never"),
            },
          ]}
          empty={
            <EmptyState icon={Users} title="No people yet">
              Invite the people who publish, approve and look on.
            </EmptyState>
          }
        />
      </div>
      {open === "invite" && <InviteDialog onClose={close} onInvited={setLink} />}
      {opened !== undefined && <PersonDialog user={opened} ownId={session.user.id} onClose={close} onLink={setLink} />}
      {link !== null && <LinkDialog {...link} onClose={() => setLink(null)} />}
    </Screen>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import type { Environment, Project } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { usePages } from "../../api/usePages";
import { LinkStatusBadge, LinkVisits } from "../../content/PageLinkState";
import { RevokeLink } from "../../content/RevokeLink";
import { Button } from "../../ui/Button";
import { Checkbox } from "../../ui/Checkbox";
import { DataTable } from "../../ui/DataTable";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SecretDialog } from "../../ui/SecretDialog";
import { Select } from "../../ui/Select";
import { TextField } from "../../ui/TextField";
import { Time } from "../../ui/Time";
import { Section } from "./ProjectSections";

const LIFETIMES = [
  { id: "never", label: "Until it is revoked" },
  { id: "720", label: "30 days" },
  { id: "2160", label: "90 days" },
  { id: "8760", label: "1 year" },
] as const;

interface PortalLinksProps {
  readonly environment: Environment;
  readonly project: Project;
}

/** The standing links of a customer: their calendar, what waits for them, and what went out. */
export default function PortalLinks({ environment, project }: PortalLinksProps) {
  const [isMaking, setMaking] = useState(false);
  const queryKey = [environment, "portal-links", project.id];
  const list = usePages(queryKey, () => clientOf(environment).portalLinks.list({ projectId: project.id }));
  return (
    <Section id="project-portal" title="Page for your client">
      <p className="soft">
        A page in the branding of the project, without access to this console: the client's calendar, what waits for
        their approval, and what went out.
      </p>
      <DataTable
        label="Links for your client"
        list={list}
        idOf={(link) => link.id}
        columns={[
          { name: "Made", cell: (link) => <Time at={link.createdAt} isRelative /> },
          { name: "Status", cell: (link) => <LinkStatusBadge status={link.status} /> },
          { name: "For", cell: (link) => link.recipientName ?? "any" },
          { name: "Decisions", isAtEnd: true, cell: (link) => (link.canDecide ? link.decisions : "shows only") },
          { name: "Visits", isAtEnd: true, cell: (link) => <LinkVisits link={link} /> },
          {
            name: "Expires",
            isAtEnd: true,
            cell: ({ expiresAt }) => (expiresAt === null ? "never" : <Time at={expiresAt} isRelative />),
          },
          {
            name: "Actions",
            isAtEnd: true,
            cell: ({ id, status }) =>
              status === "active" && (
                <RevokeLink
                  revoke={() => clientOf(environment).portalLinks.revoke({ projectId: project.id, portalLinkId: id })}
                  queryKey={queryKey}
                  effect="Its page is gone at once. What was decided there stays."
                />
              ),
          },
        ]}
        empty={<p className="soft">No link yet. Its address is shown once, when it is made.</p>}
      />
      <div>
        <Button onPress={() => setMaking(true)}>
          <Plus aria-hidden /> New link
        </Button>
      </div>
      {isMaking && (
        <MakeLink
          environment={environment}
          projectId={project.id}
          queryKey={queryKey}
          onClose={() => setMaking(false)}
        />
      )}
    </Section>
  );
}

interface MakeLinkProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly queryKey: readonly unknown[];
  readonly onClose: () => void;
}

function MakeLink({ environment, projectId, queryKey, onClose }: MakeLinkProps) {
  const queries = useQueryClient();
  const [hours, setHours] = useState<(typeof LIFETIMES)[number]["id"]>("never");
  const [recipient, setRecipient] = useState("");
  const [canDecide, setCanDecide] = useState(true);
  const make = useMutation({
    mutationFn: () =>
      clientOf(environment).portalLinks.create({
        projectId,
        canDecide,
        ...(recipient.trim() !== "" && { recipientName: recipient.trim() }),
        ...(hours !== "never" && { expiresInHours: Number(hours) }),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey }),
  });
  if (make.data !== undefined) {
    return (
      <SecretDialog title="The new link for your client" what="the link" secret={make.data.url} onClose={onClose} />
    );
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="New link for your client"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={make.isPending} onPress={() => make.mutate()}>
            Make the link
          </Button>
        </>
      }
    >
      <ErrorNotice error={make.error} fields={["recipientName"]} />
      <p>Who has the link sees all posts of this project, and what is planned.</p>
      <TextField
        label="Recipient"
        value={recipient}
        onChange={setRecipient}
        placeholder="Marta"
        description="The name that the page suggests for decisions."
        error={issuesOf(make.error)["recipientName"]}
      />
      <Checkbox isSelected={canDecide} onChange={setCanDecide}>
        Let them approve, request changes and reject
      </Checkbox>
      <Select label="Works" choices={LIFETIMES} value={hours} onChange={setHours} />
    </Dialog>
  );
}

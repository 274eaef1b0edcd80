import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { InvitedUser, Role } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";
import { RoleFields } from "./RoleFields";

interface InviteDialogProps {
  readonly onClose: () => void;
  readonly onInvited: (invited: InvitedUser) => void;
}

/** The form that invites a person. */
export function InviteDialog({ onClose, onInvited }: InviteDialogProps) {
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [projectIds, setProjectIds] = useState<readonly string[] | null>(null);
  const invite = useMutation({
    mutationFn: () => clientOf("test").users.invite({ email, role, projectIds, ...(name && { name }) }),
    onSuccess: async (invited) => {
      onClose();
      onInvited(invited);
      await queries.invalidateQueries({ queryKey: ["people"] });
    },
  });
  const issues = issuesOf(invite.error);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Invite a person"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={invite.isPending} isDisabled={email === ""} onPress={() => invite.mutate()}>
            Invite
          </Button>
        </>
      }
    >
      <ErrorNotice error={invite.error} fields={["email", "name"]} />
      <TextField label="E-mail" type="email" value={email} onChange={setEmail} error={issues["email"]} autoFocus />
      <TextField label="Name" value={name} onChange={setName} error={issues["name"]} />
      <RoleFields role={role} onRole={setRole} projectIds={projectIds} onProjectIds={setProjectIds} />
    </Dialog>
  );
}

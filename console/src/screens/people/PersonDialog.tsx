import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { InvitedUser, User } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Fact, Facts } from "../../ui/Facts";
import { TextField } from "../../ui/TextField";
import { Time } from "../../ui/Time";
import { toast } from "../../ui/toasts";
import { AgentList } from "../you/AgentList";
import { ResetSecondFactor } from "./ResetSecondFactor";
import { RoleFields } from "./RoleFields";

interface PersonDialogProps {
  readonly user: User;
  /** Of the person who looks: they reset the factors of others only. */
  readonly ownId: string;
  readonly onClose: () => void;
  readonly onLink: (invited: InvitedUser) => void;
}

/** One person: name, role and projects, a new link, and the end of their access. */
export function PersonDialog({ user, ownId, onClose, onLink }: PersonDialogProps) {
  const queries = useQueryClient();
  const { users } = clientOf("test");
  const [name, setName] = useState(user.name ?? "");
  const [role, setRole] = useState(user.role);
  const [projectIds, setProjectIds] = useState(user.projectIds);
  const isRenamed = name.trim() !== "" && name !== (user.name ?? "");
  const onSettled = () => queries.invalidateQueries({ queryKey: ["people"] });
  const save = useMutation({
    mutationFn: () => users.update({ userId: user.id, ...(isRenamed && { name }), role, projectIds }),
    onSuccess: () => {
      toast("Saved. A new role holds at once.");
      onClose();
    },
    onSettled,
  });
  const isDisabled = user.status === "disabled";
  const switchAccess = useMutation({
    mutationFn: () => users.update({ userId: user.id, status: isDisabled ? "active" : "disabled" }),
    onSuccess: () => {
      toast(isDisabled ? "The person can sign in again." : "The person is signed out everywhere and can't sign in.");
      onClose();
    },
    onSettled,
  });
  const link = useMutation({
    mutationFn: () => users.createLink({ userId: user.id }),
    onSuccess: (made) => {
      onClose();
      onLink(made);
    },
    onSettled,
  });
  const issues = issuesOf(save.error);
  const error = [save.error, switchAccess.error, link.error].find((one) => one !== null) ?? null;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={user.name ?? user.email}
      actions={
        <>
          <Button kind="danger" isPending={switchAccess.isPending} onPress={() => switchAccess.mutate()}>
            {isDisabled ? "Let them in again" : "Disable"}
          </Button>
          {!isDisabled && (
            <Button isPending={link.isPending} onPress={() => link.mutate()}>
              New link
            </Button>
          )}
          <Button kind="primary" isPending={save.isPending} onPress={() => save.mutate()}>
            Save
          </Button>
        </>
      }
    >
      <ErrorNotice error={error} fields={["name"]} />
      <TextField label="Name" value={name} onChange={setName} error={issues["name"]} />
      <RoleFields role={role} onRole={setRole} projectIds={projectIds} onProjectIds={setProjectIds} />
      <Facts>
        <Fact name="E-mail">{user.email}</Fact>
        <Fact name="Invited">
          <Time at={user.createdAt} />
        </Fact>
        <Fact name="Last here">{user.lastSeenAt && <Time at={user.lastSeenAt} isRelative />}</Fact>
        <Fact name="Second factor">{user.hasSecondFactor ? "on" : "none"}</Fact>
        <Fact name="Open link until">{user.linkExpiresAt && <Time at={user.linkExpiresAt} />}</Fact>
      </Facts>
      {user.hasSecondFactor && user.id !== ownId && <ResetSecondFactor user={user} onReset={onClose} />}
      <section className="person-agents" aria-labelledby="person-agents">
        <h3 id="person-agents">Connected agents</h3>
        <AgentList userId={user.id} />
      </section>
    </Dialog>
  );
}

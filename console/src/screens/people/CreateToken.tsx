import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Checkbox } from "../../ui/Checkbox";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";

interface CreateTokenProps {
  readonly onClose: () => void;
  readonly onCreated: (token: string) => void;
}

/** The form for a new token of an identity provider. */
export function CreateToken({ onClose, onCreated }: CreateTokenProps) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [sendsInvitations, setSendsInvitations] = useState(false);
  const create = useMutation({
    mutationFn: () => clientOf("test").provisioning.createToken({ name, sendsInvitations }),
    onSuccess: async ({ token }) => {
      onClose();
      onCreated(token);
      await queries.invalidateQueries({ queryKey: ["scim-tokens"] });
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="New token"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={create.isPending} isDisabled={name === ""} onPress={() => create.mutate()}>
            Make the token
          </Button>
        </>
      }
    >
      <ErrorNotice error={create.error} fields={["name"]} />
      <TextField
        label="Provider"
        value={name}
        onChange={setName}
        placeholder="Okta"
        description="With the token, it can add people and make them administrators."
        error={issuesOf(create.error)["name"]}
        autoFocus
      />
      <Checkbox isSelected={sendsInvitations} onChange={setSendsInvitations}>
        Send an invitation by e-mail to each person that it adds
      </Checkbox>
    </Dialog>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { CreatedOrganization } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";
import { LimitFields, limitsOf, textsOf } from "./LimitFields";
import "./customers.css";

interface NewCustomerDialogProps {
  readonly onClose: () => void;
  readonly onMade: (made: CreatedOrganization) => void;
}

/** The form that makes an organization, and invites its administrator. */
export function NewCustomerDialog({ onClose, onMade }: NewCustomerDialogProps) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [texts, setTexts] = useState(textsOf(undefined));
  const limits = limitsOf(texts);
  const create = useMutation({
    mutationFn: () =>
      clientOf("test").organizations.create({ name, limits: limits ?? {}, admin: email === "" ? null : { email } }),
    onSuccess: async (made) => {
      onClose();
      onMade(made);
      await queries.invalidateQueries({ queryKey: ["organizations"] });
    },
  });
  const issues = issuesOf(create.error);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="New customer"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={create.isPending}
            isDisabled={name === "" || limits === null}
            onPress={() => create.mutate()}
          >
            Create
          </Button>
        </>
      }
    >
      <ErrorNotice error={create.error} fields={["name", "admin.email"]} />
      <TextField label="Name" value={name} onChange={setName} error={issues["name"]} autoFocus />
      <TextField
        label="E-mail of their administrator"
        type="email"
        value={email}
        onChange={setEmail}
        description="You get a link for this person, who then invites the others."
        error={issues["admin.email"]}
      />
      <h3>What they may use</h3>
      <LimitFields texts={texts} onChange={setTexts} />
    </Dialog>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { PlatformSetup } from "presswork-client";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";
import { toast } from "../../ui/toasts";
import { systemQuery } from "./queries";

interface CredentialsFormProps {
  readonly setup: PlatformSetup;
  readonly idLabel: string;
  readonly secretLabel: string;
}

/** The form that stores credentials. The platform is asked first, where it has a call for that. */
export function CredentialsForm({ setup, idLabel, secretLabel }: CredentialsFormProps) {
  const { platform, idField } = setup;
  const queries = useQueryClient();
  const [id, setId] = useState("");
  const [secret, setSecret] = useState("");
  const save = useMutation({
    mutationFn: () =>
      clientOf("test").system.setPlatformCredentials({
        platform,
        clientSecret: secret,
        ...(idField === "clientKey" ? { clientKey: id } : { clientId: id }),
      }),
    onSuccess: async () => {
      setId("");
      setSecret("");
      toast("Stored, encrypted. Every process uses them within 30 seconds.");
      await queries.invalidateQueries({ queryKey: systemQuery.queryKey });
    },
  });
  const issues = issuesOf(save.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Form onSubmit={submit}>
      <ErrorNotice error={save.error} fields={[idField, "clientSecret"]} />
      <div className="credentials-fields">
        <TextField
          label={idLabel}
          value={id}
          onChange={setId}
          error={issues[idField]}
          autoComplete="off"
          placeholder={setup.clientIdHint === null ? "" : `…${setup.clientIdHint}`}
        />
        <TextField
          label={secretLabel}
          type="password"
          value={secret}
          onChange={setSecret}
          error={issues["clientSecret"]}
          autoComplete="off"
          placeholder={setup.state === "stored" ? "stored, not shown" : ""}
        />
      </div>
      <Button type="submit" kind="primary" isPending={save.isPending} isDisabled={id === "" || secret === ""}>
        {setup.state === "stored" ? "Replace the credentials" : "Save the credentials"}
      </Button>
    </Form>
  );
}

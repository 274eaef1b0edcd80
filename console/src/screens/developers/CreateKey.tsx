import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ApiKeysCreateParams, Environment } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { CheckboxList } from "../../ui/CheckboxList";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";

type Scope = ApiKeysCreateParams["scopes"][number];

/** What a program that publishes and follows its posts needs. */
const USUAL: readonly Scope[] = [
  "projects:read",
  "content:read",
  "content:write",
  "publish:read",
  "publish:write",
  "social:read",
];
const SCOPES: readonly Scope[] = [
  "projects:read",
  "projects:write",
  "content:read",
  "content:write",
  "content:approve",
  "publish:read",
  "publish:write",
  "social:read",
  "social:write",
  "webhooks:read",
  "webhooks:write",
  "org:admin",
];

interface CreateKeyProps {
  readonly environment: Environment;
  readonly onClose: () => void;
  readonly onCreated: (key: string) => void;
}

/** The form for a new key. */
export function CreateKey({ environment, onClose, onCreated }: CreateKeyProps) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(USUAL);
  const [domains, setDomains] = useState("");
  const create = useMutation({
    mutationFn: () =>
      clientOf(environment).apiKeys.create({ name, scopes, returnDomains: domains.split(/[\s,]+/).filter(Boolean) }),
    onSuccess: async ({ key }) => {
      onClose();
      onCreated(key);
      await queries.invalidateQueries({ queryKey: [environment, "keys"] });
    },
  });
  const issues = issuesOf(create.error);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`New key for ${environment}`}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={create.isPending}
            isDisabled={scopes.length === 0}
            onPress={() => create.mutate()}
          >
            Create the key
          </Button>
        </>
      }
    >
      <ErrorNotice error={create.error} fields={["name", "returnDomains", "returnDomains[0]"]} />
      <TextField label="Name" value={name} onChange={setName} placeholder="Web shop" error={issues["name"]} autoFocus />
      <CheckboxList
        label="Scopes"
        choices={SCOPES.map((value) => ({ value, label: value }))}
        value={scopes}
        onChange={setScopes}
      />
      <TextField
        label="Return domains"
        value={domains}
        onChange={setDomains}
        placeholder="app.example.com"
        description="Hosts to which a login of an account may lead back. Separate several by a comma."
        error={issues["returnDomains"] ?? issues["returnDomains[0]"]}
      />
    </Dialog>
  );
}

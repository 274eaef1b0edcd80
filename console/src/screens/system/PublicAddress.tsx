import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { toast } from "../../ui/toasts";
import { CopyLine } from "./CopyLine";
import { systemQuery } from "./queries";
import { publicUrlProblem } from "./setup";

/** Where the internet reaches Presswork: the address in use, and the form for another, unless the environment sets it. */
export function PublicAddress() {
  const system = useQuery(systemQuery).data;
  if (system === undefined) return null;
  const { publicUrl, publicUrlSetup } = system;
  const problem = publicUrlProblem(publicUrl);
  const isFixed = publicUrlSetup.source === "environment";
  return (
    <div className="public-address">
      <p>
        Networks send people and fetch media here, so Presswork must be reachable from the internet over https at a name
        of your own. Point a domain to this machine, with a proxy such as Caddy that gets the certificate.
      </p>
      {publicUrl !== null && <CopyLine text={publicUrl} what="the public address" />}
      {publicUrl !== null && problem !== null && (
        <Notice tone="warn" title={problem.title}>
          {problem.text}
        </Notice>
      )}
      {isFixed ? (
        <p className="soft">
          The environment sets it with <code>PRESSWORK_PUBLIC_URL</code>. Change it there, and restart every process.
          {publicUrlSetup.stored !== null && ` The stored address ${publicUrlSetup.stored} is not used.`}
        </p>
      ) : (
        <AddressForm stored={publicUrlSetup.stored} />
      )}
      {publicUrlSetup.isRestartNeeded && (
        <Notice tone="warn" title="Restart Presswork, so that this takes effect">
          {publicUrlSetup.stored === null
            ? "The address was removed; what runs still uses it."
            : `${publicUrlSetup.stored} is stored. Every process uses it after its next start.`}
        </Notice>
      )}
    </div>
  );
}

function AddressForm({ stored }: { readonly stored: string | null }) {
  const queries = useQueryClient();
  const [url, setUrl] = useState(stored ?? originOfPage());
  const { system } = clientOf("test");
  const save = useMutation({
    mutationFn: (publicUrl: string | null) =>
      publicUrl === null ? system.removePublicUrl() : system.setPublicUrl({ publicUrl }),
    onSuccess: async (_, publicUrl) => {
      setUrl(publicUrl ?? "");
      toast(publicUrl === null ? "The address is removed." : "The address is stored.");
      await queries.invalidateQueries({ queryKey: systemQuery.queryKey });
    },
  });
  const asked = url.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (asked !== "" && asked !== stored) save.mutate(asked);
  };
  return (
    <Form onSubmit={submit}>
      <ErrorNotice error={save.error} fields={["publicUrl"]} />
      <TextField
        label="Public address"
        inputMode="url"
        value={url}
        onChange={setUrl}
        placeholder="https://presswork.example.com"
        error={issuesOf(save.error)["publicUrl"]}
        autoComplete="off"
      />
      <div className="public-address-act">
        <Button type="submit" kind="primary" isPending={save.isPending} isDisabled={asked === "" || asked === stored}>
          Save the address
        </Button>
        {stored !== null && (
          <Button isDisabled={save.isPending} onPress={() => save.mutate(null)}>
            Remove it
          </Button>
        )}
      </div>
    </Form>
  );
}

/** The address of this page, if the internet may reach it. */
function originOfPage(): string {
  return publicUrlProblem(location.origin) === null ? location.origin : "";
}

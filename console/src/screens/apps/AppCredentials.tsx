import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import type { Environment, PlatformApp } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf, messageOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";
import { Time } from "../../ui/Time";
import { toast, toastError } from "../../ui/toasts";
import { appQuery, appsKey, credentialNames } from "./apps";

interface AppProps {
  readonly environment: Environment;
  readonly app: PlatformApp;
}

/** Asks the network about the ID and the secret, and replaces them. */
export function AppCredentials({ environment, app }: AppProps) {
  const queries = useQueryClient();
  const [isReplacing, setReplacing] = useState(false);
  const check = useMutation({
    mutationFn: () => clientOf(environment).platformApps.check({ platformAppId: app.id }),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: appsKey(environment) }),
  });
  return (
    <>
      {app.lastCheck !== null && (
        <p className="soft">
          Checked <Time at={app.lastCheck.checkedAt} isRelative />.
        </p>
      )}
      <div className="app-actions">
        <Button
          kind={app.lastCheck === null ? "primary" : "plain"}
          isPending={check.isPending}
          onPress={() => check.mutate()}
        >
          <RefreshCw aria-hidden /> {check.isPending ? "Checking" : "Check now"}
        </Button>
        <Button onPress={() => setReplacing(true)}>Replace the secret</Button>
      </div>
      {isReplacing && <ReplaceSecret environment={environment} app={app} onClose={() => setReplacing(false)} />}
    </>
  );
}

/** The form for a new secret. While no account holds the app, its ID can be corrected with it. */
function ReplaceSecret({ environment, app, onClose }: AppProps & { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [clientId, setClientId] = useState("");
  const [clientSecret, setClientSecret] = useState("");
  const names = credentialNames(app.platform);
  const save = useMutation({
    mutationFn: () =>
      clientOf(environment).platformApps.update({
        platformAppId: app.id,
        clientSecret,
        ...(clientId.trim() !== "" && { clientId }),
      }),
    onSuccess: async (changed) => {
      queries.setQueryData(appQuery(environment, app.id).queryKey, changed);
      toast("Stored, encrypted. It is used within 30 seconds.");
      onClose();
      await queries.invalidateQueries({ queryKey: appsKey(environment) });
    },
  });
  const issues = issuesOf(save.error);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Replace the secret"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={save.isPending}
            isDisabled={clientSecret.trim() === ""}
            onPress={() => save.mutate()}
          >
            Replace the secret
          </Button>
        </>
      }
    >
      <ErrorNotice error={save.error} fields={["clientId", "clientSecret"]} />
      <p>
        Accounts stay connected if it is a new secret of the same app. The former secret is not used any more, so end it
        at the network when you are done.
      </p>
      {app.accountCount === 0 && (
        <TextField
          label={names.id}
          value={clientId}
          onChange={setClientId}
          autoComplete="off"
          placeholder={`…${app.clientIdHint}`}
          description="Only if the stored one is wrong."
          error={issues["clientId"]}
        />
      )}
      <TextField
        label={names.secret}
        type="password"
        value={clientSecret}
        onChange={setClientSecret}
        autoComplete="off"
        error={issues["clientSecret"]}
        autoFocus={app.accountCount > 0}
      />
    </Dialog>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { PlatformSetup } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { loginName } from "../../platforms/loginNames";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { TextField } from "../../ui/TextField";
import { Time } from "../../ui/Time";
import { toast, toastError } from "../../ui/toasts";
import { CredentialsForm } from "./CredentialsForm";
import { systemQuery } from "./queries";

interface CredentialsProps {
  readonly setup: PlatformSetup;
  /** What the platform calls them. */
  readonly idLabel: string;
  readonly secretLabel: string;
}

/** The credentials of the app: those in use, and the form for others. A secret that was stored is never shown. */
export function Credentials({ setup, idLabel, secretLabel }: CredentialsProps) {
  const queries = useQueryClient();
  const [isRemoving, setRemoving] = useState(false);
  const remove = useMutation({
    mutationFn: () => clientOf("test").system.removePlatformCredentials({ platform: setup.platform }),
    onSuccess: () => toast("The credentials are removed."),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => {
      setRemoving(false);
      return queries.invalidateQueries({ queryKey: systemQuery.queryKey });
    },
  });
  return (
    <div className="credentials">
      {setup.state === "environment" ? (
        <>
          <p>
            The environment sets them with{" "}
            {setup.variables
              .map((name) => <code key={name}>{name}</code>)
              .reduce((all, one) => (
                <>
                  {all} and {one}
                </>
              ))}
            . Change them there, and restart every process.
          </p>
          <div className="credentials-fields">
            <TextField label={idLabel} value={`…${setup.clientIdHint ?? ""}`} isReadOnly />
            <TextField label={secretLabel} value="Set in the environment" isReadOnly />
          </div>
        </>
      ) : (
        <CredentialsForm setup={setup} idLabel={idLabel} secretLabel={secretLabel} />
      )}
      {setup.stored !== null && (
        <p className="credentials-stored">
          <span className="soft">
            Stored: {idLabel} …{setup.stored.clientIdHint} with its secret,{" "}
            <Time at={setup.stored.updatedAt} isRelative />.{setup.state === "environment" && " They are not used."}
          </span>
          <Button kind="danger" onPress={() => setRemoving(true)}>
            Remove
          </Button>
        </p>
      )}
      {isRemoving && (
        <ConfirmDialog
          title="Remove the stored credentials?"
          action="Remove the credentials"
          isPending={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={() => setRemoving(false)}
        >
          <p>
            {setup.state === "environment"
              ? "Nothing else changes, because those of the environment are in use."
              : `Live posts and logins of ${loginName(setup.platform)} wait until others are set. Posts that wait for longer than two days fail.`}
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
}

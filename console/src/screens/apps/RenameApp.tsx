import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, PlatformApp } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";
import { appQuery, appsKey } from "./apps";

interface RenameAppProps {
  readonly environment: Environment;
  readonly app: PlatformApp;
  readonly onClose: () => void;
}

/** The form that renames an app. */
export function RenameApp({ environment, app, onClose }: RenameAppProps) {
  const queries = useQueryClient();
  const [name, setName] = useState(app.name);
  const save = useMutation({
    mutationFn: () => clientOf(environment).platformApps.update({ platformAppId: app.id, name }),
    onSuccess: async (changed) => {
      queries.setQueryData(appQuery(environment, app.id).queryKey, changed);
      onClose();
      await queries.invalidateQueries({ queryKey: appsKey(environment) });
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Rename the app"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={save.isPending}
            isDisabled={name.trim() === ""}
            onPress={() => save.mutate()}
          >
            Save
          </Button>
        </>
      }
    >
      <ErrorNotice error={save.error} fields={["name"]} />
      <TextField label="Name" value={name} onChange={setName} error={issuesOf(save.error)["name"]} autoFocus />
    </Dialog>
  );
}

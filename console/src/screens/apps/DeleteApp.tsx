import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, PlatformApp } from "presswork-client";
import { clientOf } from "../../api/client";
import { countOf } from "../../posts/queuedCount";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { toast } from "../../ui/toasts";
import { appsKey, refusalOf } from "./apps";

interface DeleteAppProps {
  readonly environment: Environment;
  readonly app: PlatformApp;
  readonly onClose: () => void;
  /** Leaves the page of the app. */
  readonly onDeleted: () => Promise<void>;
}

/** Asks before an app is deleted; while accounts hold it, says what to do first. */
export function DeleteApp({ environment, app, onClose, onDeleted }: DeleteAppProps) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => clientOf(environment).platformApps.delete({ platformAppId: app.id }),
    onSuccess: async () => {
      toast(`“${app.name}” is deleted.`);
      await onDeleted();
      queries.removeQueries({ queryKey: [...appsKey(environment), app.id] });
      await queries.invalidateQueries({ queryKey: [...appsKey(environment), "list"] });
    },
  });
  const refusal = refusalOf(remove.error);
  const holders = refusal?.reason === "in_use" ? refusal.accounts : app.accountCount;
  if (holders > 0) {
    return (
      <Dialog
        isOpen
        onClose={onClose}
        title={`“${app.name}” can't be deleted yet`}
        actions={
          <Button kind="primary" onPress={onClose}>
            Close
          </Button>
        }
      >
        <Notice tone="warn" title={`${countOf(holders, "account")} ${holders === 1 ? "is" : "are"} connected with it.`}>
          Without the app, they could not post any more.
        </Notice>
        <p>
          Change where it is used to “No new logins”, then connect these accounts again, with another app or that of the
          installation. Or disconnect them.
        </p>
      </Dialog>
    );
  }
  return (
    <ConfirmDialog
      title={`Delete “${app.name}”?`}
      action="Delete the app"
      isPending={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <ErrorNotice error={remove.error} />
      <p>
        No account is connected with it. Its ID and secret are deleted here; the app at the network stays. Logins that
        are under way with it fail.
      </p>
    </ConfirmDialog>
  );
}

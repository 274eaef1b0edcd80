import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Environment, SocialAccount } from "presswork-client";
import { clientOf } from "../../api/client";
import { accountName, platformName } from "../../platforms/platforms";
import { countOf, queuedCountQuery } from "../../posts/queuedCount";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { toast } from "../../ui/toasts";

interface DisconnectDialogProps {
  readonly environment: Environment;
  readonly account: SocialAccount;
  readonly onClose: () => void;
}

/** Asks before an account is disconnected, and says what happens to its posts. */
export function DisconnectDialog({ environment, account, onClose }: DisconnectDialogProps) {
  const queries = useQueryClient();
  const { socialAccountId, platform } = account;
  const name = accountName(platform, account.handle);
  const queued = useQuery(queuedCountQuery(environment, { socialAccountId }));
  const disconnect = useMutation({
    mutationFn: () => clientOf(environment).socialAccounts.disconnect({ socialAccountId }),
    onSuccess: ({ canceledScheduledPosts: count }) => {
      toast(`${name} is disconnected.${count > 0 ? ` ${countOf(count, "queued post")} canceled.` : ""}`);
      onClose();
    },
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: [environment, "accounts"] }),
        queries.invalidateQueries({ queryKey: [environment, "posts"] }),
      ]),
  });
  return (
    <ConfirmDialog
      title={`Disconnect ${name}?`}
      action="Disconnect the account"
      isPending={disconnect.isPending}
      onConfirm={() => disconnect.mutate()}
      onClose={onClose}
    >
      {disconnect.isError && <ErrorNotice error={disconnect.error} />}
      {queued.isPending ? (
        <Skeleton height="44px" />
      ) : queued.data === undefined || queued.data === "none" ? (
        <p>It has no queued posts.</p>
      ) : (
        <Notice tone="warn" title={`${queued.data} will be canceled.`}>
          They do not come back if the account is connected again.
        </Notice>
      )}
      <p>
        Presswork deletes the access, and ends it at {platformName(platform)} where the platform allows that. What is
        already published stays. The account remains in the list as disconnected, and keeps its id if you connect it
        again.
      </p>
    </ConfirmDialog>
  );
}
